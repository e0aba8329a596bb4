import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createClusters,
  readWasiConfig,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { describeModuleClientContract } from '@wasi-functions/backstage-plugin-wasi-node/testing';
import type { KubernetesObject } from './ObjectStore';
import { startKubernetesApi, type KubernetesApi } from './startKubernetesApi';

const silent = {
  // eslint-disable-next-line no-empty-function
  async *read() {},
};

async function start() {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-contract-'));
  const api = await startKubernetesApi({
    directory,
    port: 0,
    logSource: silent,
  });
  return {
    api,
    close: async () => {
      await api.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function connect(
  api: KubernetesApi,
  options: { token?: string; trusted?: boolean } = {},
): WasmModuleClient {
  const config = new ConfigReader({
    kubernetes: {
      clusterLocatorMethods: [
        {
          type: 'config',
          clusters: [
            {
              name: 'local',
              url: api.server,
              authProvider: 'serviceAccount',
              serviceAccountToken: options.token ?? api.backstageToken,
              ...(options.trusted !== false && {
                caData: Buffer.from(api.caCertificate).toString('base64'),
              }),
            },
          ],
        },
      ],
    },
  });
  return createClusters(config, readWasiConfig(config)).client();
}

describeModuleClientContract('the local Kubernetes API', async () => {
  const { api, close } = await start();
  return {
    client: connect(api),
    setStatus: async ({ namespace, name }, status) => {
      const stored = api.store.get<KubernetesObject>(
        'wasmmodules',
        namespace,
        name,
      );
      api.store.update(
        'wasmmodules',
        { ...stored!, status } as KubernetesObject,
        { subresource: 'status' },
      );
    },
    close,
  };
});

describe('the client on the local Kubernetes API', () => {
  let api: KubernetesApi;
  let close: () => Promise<void>;

  const pay: WasmModule = {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: { name: 'pay', namespace: 'default' },
    spec: { image: 'localhost:5000/pay:1' },
  };

  beforeAll(async () => {
    ({ api, close } = await start());
  });

  afterAll(async () => {
    await close();
  });

  it('names the tool and the field that an apply would take over', async () => {
    const client = connect(api);
    await client.apply(pay);
    const stored = api.store.get<KubernetesObject & WasmModule>(
      'wasmmodules',
      'default',
      'pay',
    )!;
    api.store.update(
      'wasmmodules',
      {
        ...stored,
        spec: { image: 'localhost:5000/pay:2' },
      } as KubernetesObject,
      { fieldManager: 'kubectl-edit' },
    );

    await expect(client.apply(pay)).rejects.toMatchObject({
      code: 'FIELD_MANAGER_CONFLICT',
      message: expect.stringContaining('.spec.image owned by kubectl-edit'),
    });
    await expect(client.apply(pay, { force: true })).resolves.toMatchObject({
      spec: pay.spec,
    });
  });

  it('says which namespace is missing', async () => {
    await expect(
      connect(api).apply({
        ...pay,
        metadata: { name: 'pay', namespace: 'nowhere' },
      }),
    ).rejects.toMatchObject({
      code: 'NAMESPACE_MISSING',
      message: expect.stringContaining('"nowhere"'),
    });
  });

  it('says which field is wrong', async () => {
    await expect(
      connect(api).create({
        ...pay,
        metadata: { name: 'wrong', namespace: 'default' },
        spec: { image: 'x', args: 'text' as unknown as string[] },
      }),
    ).rejects.toMatchObject({
      code: 'MODULE_INVALID',
      findings: [expect.objectContaining({ path: 'spec.args' })],
    });
  });

  it('tells a token that is not accepted', async () => {
    await expect(connect(api, { token: 'wrong' }).list()).rejects.toMatchObject(
      { code: 'CLUSTER_UNAUTHENTICATED' },
    );
  });

  it('tells a certificate that is not trusted', async () => {
    await expect(connect(api, { trusted: false }).list()).rejects.toMatchObject(
      {
        code: 'CLUSTER_UNREACHABLE',
        remedy: expect.stringContaining('certificate authority'),
      },
    );
  });
});
