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
import {
  EMPTY_CORE_MODULE,
  FUNC_YAML,
  HTTP_COMPONENT,
} from '../../__testUtils__/modules';
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
    registry.hold(IMAGE, HTTP_COMPONENT);
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

  it('tells the history why the cluster refused it, and nothing of a plan', async () => {
    cluster.apply = async (module, options) => {
      if (options?.dryRun) {
        return module;
      }
      throw new WasiError('CLUSTER_FORBIDDEN', { message: 'No.' });
    };
    const { ctx } = await context({
      input: INPUT,
      files: { 'func.yaml': FUNC_YAML },
    });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
    });
    expect(reports.told).toEqual(['begin', 'failed CLUSTER_FORBIDDEN']);

    for (const plan of [
      { input: INPUT, isDryRun: true },
      { input: { ...INPUT, planOnly: true } },
    ]) {
      const dry = await context({ ...plan, files: { 'func.yaml': FUNC_YAML } });
      await action().handler(dry.ctx);
    }
    expect(reports.told).toHaveLength(2);
  });

  describe('looks before it leaps', () => {
    const TOKEN = `${FUNC_YAML}run:
  envs:
    - name: API_TOKEN
      value: hush
    - name: GREETING
      value: hello
`;
    const deploy = async (
      yaml: string,
      input: Partial<typeof INPUT> & { planOnly?: boolean } = {},
    ) => {
      const made = await context({
        input: { ...INPUT, ...input },
        files: { 'func.yaml': yaml },
      });
      const failure = await action()
        .handler(made.ctx)
        .then(
          () => undefined,
          error => error,
        );
      return { ...made, failure, log: made.lines.join('\n') };
    };
    /** As the API server says it, of what kubectl owns. */
    const conflictOf = (field: string) =>
      new WasiError('FIELD_MANAGER_CONFLICT', {
        message: `${field} owned by kubectl-edit.`,
        cause: { conflicts: [{ field, manager: 'kubectl-edit' }] },
      });

    it('logs what changes, field by field, and outputs it', async () => {
      const first = await deploy(TOKEN);
      expect(first.log).toContain(
        'Plan: WasmModule team-a/hello in local is new.',
      );
      expect(first.outputs.changes).toContainEqual({
        path: 'spec.image',
        kind: 'added',
        after: IMAGE,
      });

      const { log, outputs, lines } = await deploy(
        TOKEN.replace('value: hello', 'value: hi').replace('hush', 'psst'),
      );
      expect(lines.slice(0, 3)).toEqual([
        'Plan: 2 fields of WasmModule team-a/hello in local change.',
        '  spec.env[API_TOKEN].value: •••••••• → ••••••••',
        '  spec.env[GREETING].value: hello → hi',
      ]);
      expect(outputs.changes).toEqual([
        {
          path: 'spec.env[API_TOKEN].value',
          kind: 'changed',
          before: '••••••••',
          after: '••••••••',
        },
        {
          path: 'spec.env[GREETING].value',
          kind: 'changed',
          before: 'hello',
          after: 'hi',
        },
      ]);
      expect(log).not.toMatch(/hush|psst/);

      const again = await deploy(
        TOKEN.replace('value: hello', 'value: hi').replace('hush', 'psst'),
      );
      expect(again.log).toContain(
        'Plan: nothing of WasmModule team-a/hello in local changes.',
      );
      expect(again.outputs).toMatchObject({ changes: [], generation: 2 });
    });

    it('fails where another tool owns a field, with both owners and both values', async () => {
      await deploy(TOKEN);
      cluster.conflictOnApply = conflictOf('.spec.env');
      const { failure, outputs, log } = await deploy(
        TOKEN.replace('value: hello', 'value: hi'),
      );
      expect(failure).toMatchObject({
        name: 'ConflictError',
        code: 'FIELD_MANAGER_CONFLICT',
        message:
          'The module was not deployed:\nspec.env[GREETING].value: `spec.env[GREETING].value` is hello, set by kubectl-edit; this would make it hi, set by backstage-wasi:component:default/hello. Change it with kubectl-edit, or use `force` to take it over.',
      });
      expect(log).toContain('spec.env[GREETING].value: hello → hi');
      expect(outputs).not.toHaveProperty('generation');
      expect((await cluster.get(REF)).metadata.generation).toBe(1);
    });

    it('takes it over where it is told to, and says from whom', async () => {
      await deploy(TOKEN);
      cluster.conflictOnApply = conflictOf('.spec.env');
      const { failure, outputs, log } = await deploy(
        TOKEN.replace('value: hello', 'value: hi'),
        { force: true },
      );
      expect(failure).toBeUndefined();
      expect(outputs.generation).toBe(2);
      expect(log).toMatch(
        /is hello, set by kubectl-edit; .* It is taken over, as `force` says\./,
      );
    });

    it('applies nothing where only the plan is asked for, and fails for nothing', async () => {
      await deploy(TOKEN);
      cluster.conflictOnApply = conflictOf('.spec.env');
      registry.hold(IMAGE, EMPTY_CORE_MODULE);
      const { failure, outputs, log } = await deploy(
        TOKEN.replace('value: hello', 'value: hi'),
        { planOnly: true },
      );
      expect(failure).toBeUndefined();
      expect(outputs).toMatchObject({
        generation: 0,
        changes: [{ path: 'spec.env[GREETING].value' }],
      });
      expect(log).toContain('holds a core module');
      expect(log).toContain('set by kubectl-edit');
      expect((await cluster.get(REF)).metadata.generation).toBe(1);
      expect(reports.told).toEqual(['begin', 'applied 1']);
    });

    it('names all that speaks against it at once', async () => {
      registry.hold(IMAGE, EMPTY_CORE_MODULE);
      verifier = createFakeVerifier('enforce');
      cluster.namespaceQuotas = [
        { name: 'small', hard: { 'limits.memory': '64Mi' }, used: {} },
      ];
      const { failure } = await deploy(TOKEN);
      expect(
        failure.findings.map(({ code }: { code: string }) => code),
      ).toEqual([
        'IMAGE_NOT_SIGNED',
        'MODULE_IS_CORE',
        'NAMESPACE_QUOTA_EXCEEDED',
      ]);
      await expect(cluster.get(REF)).rejects.toMatchObject({
        code: 'MODULE_NOT_FOUND',
      });
    });

    it('goes on where the registry does not answer the portal, with a warning', async () => {
      registry.down = new WasiError('REGISTRY_UNREACHABLE', {
        message: 'Registry cannot be reached.',
      });
      const { failure, log } = await deploy(TOKEN);
      expect(failure).toBeUndefined();
      expect(log).toContain(`${IMAGE} was not looked into: Registry cannot be`);
    });

    it('fails where somebody changes the module between plan and apply', async () => {
      await deploy(TOKEN);
      const apply = cluster.apply.bind(cluster);
      let disturbed = false;
      cluster.apply = async (module, options) => {
        if (!options?.dryRun && !disturbed) {
          disturbed = true;
          await cluster.patch(REF, { spec: { args: ['other'] } });
        }
        return apply(module, options);
      };
      const { failure } = await deploy(
        TOKEN.replace('value: hello', 'value: hi'),
      );
      expect(failure).toMatchObject({
        code: 'MODULE_CONFLICT',
        message: expect.stringContaining('changed since this was planned'),
      });
      expect(reports.told.at(-1)).toBe('failed MODULE_CONFLICT');
    });

    it('tells who may not deploy nothing of what the cluster has', async () => {
      await deploy(TOKEN);
      permissions.authorize.mockResolvedValue([
        { result: AuthorizeResult.DENY },
      ]);
      for (const how of [
        { input: { ...INPUT, planOnly: true } },
        { input: INPUT, isDryRun: true },
      ]) {
        const { ctx, lines, outputs } = await context({
          ...how,
          files: { 'func.yaml': FUNC_YAML },
        });
        await action(['hello'])
          .handler(ctx)
          .catch(error => lines.push(error.message));
        expect(lines.join('\n')).toContain('You may not deploy modules of');
        expect(lines.join('\n')).not.toContain('GREETING');
        expect(outputs.changes ?? []).toEqual([]);
      }
    });
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
