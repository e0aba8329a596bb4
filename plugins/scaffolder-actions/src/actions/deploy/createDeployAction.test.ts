import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ImageVerifier,
  ModuleEngine,
} from '@wasi-functions/backstage-plugin-wasi-node';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import { parse } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import { FakeDeployReports } from '../../__testUtils__/FakeDeployReports';
import { FakeModuleRegistry } from '../../__testUtils__/FakeModuleRegistry';
import { FUNC_YAML } from '../../__testUtils__/modules';
import {
  createFakeVerifier,
  verifierThatIsOff,
} from '../../__testUtils__/verifiers';
import { createDeployAction } from './createDeployAction';

const IMAGE = `registry.example.com/functions/hello@sha256:${'a'.repeat(64)}`;
const INPUT = {
  path: '.',
  image: IMAGE,
  entityRef: 'component:default/hello',
  force: false,
};
const REF = { namespace: 'team-a', name: 'hello' };

describe('wasi:module:deploy', () => {
  const context = actionContexts();
  let cluster: FakeWasmModuleClient;
  let registry: FakeModuleRegistry;
  let verifier: ImageVerifier;
  let reports: FakeDeployReports;
  const permissions = mockServices.permissions.mock();

  function action(entities: string[] = []) {
    return createDeployAction({
      readCaller: async () => undefined,
      reports,
      clusters: createFakeClusters([cluster]),
      registry,
      verifier,
      catalog: catalogServiceMock({
        entities: entities.map(name => ({
          apiVersion: 'backstage.io/v1alpha1',
          kind: 'Component',
          metadata: { name },
          spec: {},
        })),
      }),
      permissions,
      engine: {} as ModuleEngine,
      maxModuleBytes: 1024,
    });
  }

  beforeEach(() => {
    cluster = new FakeWasmModuleClient('local');
    registry = new FakeModuleRegistry();
    reports = new FakeDeployReports();
    verifier = verifierThatIsOff;
    permissions.authorize.mockReset();
    permissions.authorize.mockResolvedValue([
      { result: AuthorizeResult.ALLOW },
    ]);
  });

  it('applies a module that carries its entity and outputs what to wait for', async () => {
    const { ctx, outputs } = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
    });
    await action().handler(ctx);
    const module = await cluster.get(REF);
    expect(module.spec).toEqual({
      image: IMAGE,
      resources: { limits: { memory: '512Mi' } },
    });
    expect(module.metadata).toMatchObject({
      labels: { 'backstage.io/kubernetes-id': 'hello' },
      annotations: { 'backstage.io/entity-ref': 'component:default/hello' },
    });
    expect(outputs).toMatchObject({
      cluster: 'local',
      namespace: 'team-a',
      name: 'hello',
      generation: 1,
    });
    expect(parse(outputs.manifest as string).spec).toEqual(module.spec);
  });

  it.each([
    {
      what: 'a container image',
      index: false,
      layers: ['application/vnd.oci.image.layer.v1.tar+gzip'],
      code: 'IMAGE_LAYOUT_UNSUPPORTED',
    },
    {
      what: 'an index',
      index: true,
      layers: [],
      code: 'IMAGE_INDEX_UNSUPPORTED',
    },
  ])(
    'refuses $what, which the runner could not pull',
    async ({ index, layers, code }) => {
      registry.manifests.set(IMAGE, {
        image: IMAGE,
        digest: IMAGE.split('@')[1],
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        index,
        layers: layers.map(mediaType => ({
          mediaType,
          digest: IMAGE.split('@')[1],
          size: 1,
          annotations: {},
        })),
        annotations: {},
      });
      const { ctx } = await context({
        input: INPUT,
        files: { 'func.yaml': FUNC_YAML },
      });
      await expect(action().handler(ctx)).rejects.toMatchObject({ code });
      await expect(cluster.get(REF)).rejects.toMatchObject({
        code: 'MODULE_NOT_FOUND',
      });
    },
  );

  it('changes nothing when it is repeated', async () => {
    const first = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
    });
    await action().handler(first.ctx);
    const second = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
    });
    await action().handler(second.ctx);
    expect(second.outputs.generation).toBe(1);
    expect(second.lines.join('\n')).toContain('Already up to date');
  });

  it('refuses a module of another entity, also with force', async () => {
    const other = await context({
      input: { ...INPUT, entityRef: 'component:default/payments' },
      files: { 'func.yaml': FUNC_YAML },
    });
    await action().handler(other.ctx);
    const { ctx } = await context({
      input: { ...INPUT, force: true },
      files: { 'func.yaml': FUNC_YAML },
    });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      name: 'ConflictError',
      code: 'MODULE_OWNED_BY_OTHER',
    });
    expect((await cluster.get(REF)).metadata.annotations).toMatchObject({
      'backstage.io/entity-ref': 'component:default/payments',
    });
  });

  it('refuses a user who may not change the existing entity', async () => {
    permissions.authorize.mockResolvedValue([{ result: AuthorizeResult.DENY }]);
    const { ctx } = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
    });
    await expect(action(['hello']).handler(ctx)).rejects.toMatchObject({
      name: 'NotAllowedError',
      message: expect.stringContaining('wasi.module.update'),
    });
    await expect(cluster.get(REF)).rejects.toMatchObject({
      code: 'MODULE_NOT_FOUND',
    });
  });

  it('refuses what the controller cannot run, before anything is applied', async () => {
    const { ctx } = await context({
      input: INPUT,
      files: {
        'func.yaml': `${FUNC_YAML}run:
  envs:
    - name: PASSWORD
      value: '{{ secret:db:password }}'
`,
      },
    });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      code: 'ENV_VALUE_FROM_UNSUPPORTED',
      remedy: expect.stringContaining('volume'),
    });
    await expect(cluster.get(REF)).rejects.toMatchObject({
      code: 'MODULE_NOT_FOUND',
    });
  });

  it('refuses an image that the runner cannot pull', async () => {
    registry.isPublic = false;
    const { ctx } = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
    });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      code: 'IMAGE_NOT_ANONYMOUS',
    });
  });

  it('shows in a dry run what it would apply, and applies nothing', async () => {
    const { ctx, lines } = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
      isDryRun: true,
    });
    await action().handler(ctx);
    expect(lines.join('\n')).toContain(`image: ${IMAGE}`);
    await expect(cluster.get(REF)).rejects.toMatchObject({
      code: 'MODULE_NOT_FOUND',
    });
  });

  it('fails with the cause when the cluster is down', async () => {
    cluster.down = new WasiError('CLUSTER_UNREACHABLE', {
      message: 'Cluster "local" cannot be reached.',
    });
    const { ctx, outputs } = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
    });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
    });
    expect(outputs).not.toHaveProperty('generation');
  });

  it('tells the history before and after it, with the same key for each try', async () => {
    const first = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
    });
    await action().handler(first.ctx);
    const second = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
    });
    await action().handler(second.ctx);
    expect(reports.told).toEqual(['begin', 'applied 1', 'begin', 'applied 1']);
    expect(reports.begun[0]).toMatchObject({
      entityRef: 'component:default/hello',
      cluster: 'local',
      module: { spec: { image: IMAGE } },
    });
    expect(reports.begun[0].key).toMatch(/^mock-task-id,/);
    expect(reports.begun[1].key).toBe(reports.begun[0].key);
  });

  it('tells the history why the cluster refused it, and nothing of a dry run', async () => {
    cluster.conflictOnApply = new WasiError('CLUSTER_FORBIDDEN', {
      message: 'No.',
    });
    const { ctx } = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
    });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
    });
    expect(reports.told).toEqual(['begin', 'failed CLUSTER_FORBIDDEN']);

    const dry = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
      isDryRun: true,
    });
    await action().handler(dry.ctx);
    expect(reports.told).toHaveLength(2);
  });

  it('refuses an image that is not signed, before anything is applied', async () => {
    const asked = createFakeVerifier('enforce');
    verifier = asked;
    const { ctx, outputs } = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
    });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      name: 'NotAllowedError',
      code: 'IMAGE_NOT_SIGNED',
      message: expect.stringContaining('Deploy an image that was signed'),
    });
    expect(asked.asked).toEqual([IMAGE]);
    expect(outputs).not.toHaveProperty('generation');
    await expect(cluster.get(REF)).rejects.toMatchObject({
      code: 'MODULE_NOT_FOUND',
    });
  });

  it('deploys it with a warning where that is the policy', async () => {
    verifier = createFakeVerifier('warn');
    const { ctx, lines } = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
    });
    await action().handler(ctx);
    expect(lines.join('\n')).toContain(`${IMAGE} is not signed.`);
    expect((await cluster.get(REF)).spec.image).toBe(IMAGE);
  });

  it('asks about no image in a dry run', async () => {
    const asked = createFakeVerifier('enforce');
    verifier = asked;
    const { ctx } = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
      isDryRun: true,
    });
    await action().handler(ctx);
    expect(asked.asked).toEqual([]);
  });

  it('example runs: deploy what was pushed', async () => {
    for (const { example } of action().examples ?? []) {
      const { input } = parse(example).steps[0];
      if (input.pipeline) {
        // Runs in deployPipeline.test.ts.
        continue;
      }
      cluster = new FakeWasmModuleClient(input.cluster ?? 'local');
      const { ctx, outputs } = await context({
        input: {
          ...INPUT,
          ...input,
          image: IMAGE,
          entityRef: input.entityRef.replace(/\$\{\{.*\}\}/, 'hello'),
        },
        files: { 'func.yaml': FUNC_YAML },
      });
      await action().handler(ctx);
      expect(outputs.namespace).toBe(input.namespace ?? 'team-a');
    }
  });
});
