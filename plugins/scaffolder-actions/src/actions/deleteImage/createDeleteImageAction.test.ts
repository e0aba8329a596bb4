import { mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import { parse } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import { FakeModuleRegistry } from '../../__testUtils__/FakeModuleRegistry';
import { createDeleteImageAction } from './createDeleteImageAction';

const REPOSITORY = 'registry.example.com/functions/hello';
const TAG = `${REPOSITORY}:0.9.0`;
const DIGEST = `sha256:${'1'.repeat(64)}`;
const ENTRY = `sha256:${'2'.repeat(64)}`;
const INPUT = { image: TAG, entityRef: 'component:default/hello' };

describe('wasi:image:delete', () => {
  const context = actionContexts();
  let registry: FakeModuleRegistry;
  let clients: FakeWasmModuleClient[];
  let result: AuthorizeResult.ALLOW | AuthorizeResult.DENY;

  beforeEach(() => {
    registry = new FakeModuleRegistry();
    clients = [
      new FakeWasmModuleClient('one'),
      new FakeWasmModuleClient('two'),
    ];
    result = AuthorizeResult.ALLOW;
    registry.manifests.set(TAG, {
      image: `${REPOSITORY}@${DIGEST}`,
      digest: DIGEST,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      index: true,
      entries: [{ mediaType: 'm', digest: ENTRY, size: 1 }],
      layers: [],
      annotations: { 'backstage.io/entity-ref': 'component:default/hello' },
    });
  });

  async function run(input: object = INPUT, isDryRun = false) {
    const action = createDeleteImageAction({
      registry,
      clusters: createFakeClusters(clients),
      permissions: mockServices.permissions.mock({
        authorize: async () => [{ result }],
      }),
    });
    const { ctx, outputs } = await context({ input, isDryRun });
    await action.handler(ctx);
    return outputs;
  }

  const deploy = (client: FakeWasmModuleClient, image: string) =>
    client.create({
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: { name: 'hello', namespace: 'shop' },
      spec: { image },
    });

  it('deletes by digest what a tag names', async () => {
    await deploy(clients[0], `${REPOSITORY}@sha256:${'9'.repeat(64)}`);
    await deploy(clients[1], `registry.example.com/other@${DIGEST}`);
    await expect(run()).resolves.toEqual({ deleted: true });
    expect(registry.deleted).toEqual([`${REPOSITORY}@${DIGEST}`]);
  });

  it.each([
    ['its digest', `${REPOSITORY}@${DIGEST}`],
    ['its digest, with a scheme', `oci://${REPOSITORY}@${DIGEST}`],
    ['an entry of the index', `${REPOSITORY}@${ENTRY}`],
    ['a tag that leads to it', TAG],
  ])('refuses while a module of any cluster names %s', async (_, image) => {
    await deploy(clients[1], image);
    await expect(run()).rejects.toMatchObject({
      code: 'IMAGE_IN_USE',
      message: expect.stringContaining(`${TAG} is what two/shop/hello runs.`),
    });
    expect(registry.deleted).toEqual([]);
  });

  it('refuses while it is not known what a cluster runs', async () => {
    clients[1].list = async () => {
      throw new WasiError('CLUSTER_UNREACHABLE', { message: 'two is down' });
    };
    await expect(run()).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
    expect(registry.deleted).toEqual([]);
  });

  it.each([
    ['of another entity', { 'backstage.io/entity-ref': 'component:default/x' }],
    ['that says no entity', {}],
  ])('refuses an image %s', async (_, annotations) => {
    const manifest = registry.manifests.get(TAG)!;
    registry.manifests.set(TAG, { ...manifest, annotations });
    await expect(run()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(registry.deleted).toEqual([]);
  });

  it('refuses who may not delete modules of the entity, without asking the registry', async () => {
    result = AuthorizeResult.DENY;
    registry.down = new WasiError('REGISTRY_UNREACHABLE', { message: 'asked' });
    await expect(run()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('is content with an image that is gone', async () => {
    registry.manifests.clear();
    await expect(run()).resolves.toEqual({ deleted: false });
  });

  it('deletes nothing in a dry run', async () => {
    await expect(run(INPUT, true)).resolves.toEqual({ deleted: false });
    expect(registry.deleted).toEqual([]);
  });

  it.each([...(createDeleteImageAction({} as never).examples ?? [])])(
    'example runs: $description',
    async ({ example }) => {
      const { input } = parse(example).steps[0];
      registry.manifests.set(input.image, registry.manifests.get(TAG)!);
      await expect(run(input)).resolves.toEqual({ deleted: true });
    },
  );
});
