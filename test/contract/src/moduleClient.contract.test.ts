import { ConfigReader } from '@backstage/config';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createClusters,
  createModuleCache,
  readWasiConfig,
  type Clusters,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { describeModuleClientContract } from '@wasi-functions/backstage-plugin-wasi-node/testing';
import type { KubernetesTarget } from '@wasi-functions/local-platform/testing';
import { MERGE, Scene } from './Scene';
import { describeTargets } from './targets';

jest.setTimeout(60_000);

function connect(
  target: KubernetesTarget,
  options: { token?: string; trusted?: boolean } = {},
): Clusters {
  const config = new ConfigReader({
    kubernetes: {
      clusterLocatorMethods: [
        {
          type: 'config',
          clusters: [
            {
              name: 'one',
              url: target.server,
              authProvider: 'serviceAccount',
              serviceAccountToken: options.token ?? target.adminToken,
              ...(options.trusted !== false && {
                caData: Buffer.from(target.caCertificate).toString('base64'),
              }),
            },
          ],
        },
      ],
    },
  });
  return createClusters(config, readWasiConfig(config));
}

describeTargets('Client contract', start => {
  describeModuleClientContract('this API', async () => {
    const scene = new Scene();
    await scene.open(start);
    return {
      client: connect(scene.target).client(),
      setStatus: async ({ namespace, name }, status) => {
        const { code } = await scene.send(
          'PATCH',
          `/apis/wasm.serving.knative.dev/v1alpha1/namespaces/${namespace}/wasmmodules/${name}/status`,
          { body: { status }, contentType: MERGE },
        );
        expect(code).toBe(200);
      },
      close: () => scene.close(),
    };
  });

  describe('the client', () => {
    const scene = new Scene();
    let client: WasmModuleClient;
    let pay: WasmModule;

    beforeAll(() => scene.open(start));
    afterAll(() => scene.close());
    beforeEach(async () => {
      await scene.enter();
      client = connect(scene.target).client();
      pay = {
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: { name: 'pay', namespace: scene.namespace },
        spec: { image: 'localhost:5000/pay:1' },
      };
    });

    it('names the tool and the field that an apply would take over', async () => {
      await client.apply(pay);
      await scene.send(
        'PATCH',
        `${scene.modules}/pay?fieldManager=kubectl-edit`,
        {
          body: { spec: { image: 'localhost:5000/pay:2' } },
          contentType: MERGE,
        },
      );

      await expect(client.apply(pay)).rejects.toMatchObject({
        code: 'FIELD_MANAGER_CONFLICT',
        message: expect.stringContaining('.spec.image owned by kubectl-edit'),
      });
      await expect(client.apply(pay, { force: true })).resolves.toMatchObject({
        spec: pay.spec,
      });
    });

    it('applies no more than what was looked at', async () => {
      const seen = await client.apply(pay);
      await client.patch(pay.metadata as { name: string; namespace: string }, {
        spec: { args: ['a'] },
      });

      await expect(
        client.apply(pay, {
          resourceVersion: seen.metadata.resourceVersion,
        }),
      ).rejects.toMatchObject({ code: 'MODULE_CONFLICT' });
    });

    it('says which namespace is missing', async () => {
      await expect(
        client.apply({
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
        client.create({
          ...pay,
          spec: { image: 'x', args: 'text' as unknown as string[] },
        }),
      ).rejects.toMatchObject({
        code: 'MODULE_INVALID',
        findings: [expect.objectContaining({ path: 'spec.args' })],
      });
    });

    it('lists what others are told, too', async () => {
      for (let index = 0; index < 12; index++) {
        await scene.create(`many-${index}`);
      }
      const { items } = await client.list({ namespace: scene.namespace });
      const { body } = await scene.send('GET', scene.modules);

      expect(items.map(({ metadata }) => metadata)).toEqual(
        body.items.map(({ metadata }: WasmModule) => metadata),
      );
    });

    it('tells a token that is not accepted', async () => {
      await expect(
        connect(scene.target, { token: 'wrong' }).client().list(),
      ).rejects.toMatchObject({ code: 'CLUSTER_UNAUTHENTICATED' });
    });

    it('tells a certificate that is not trusted', async () => {
      await expect(
        connect(scene.target, { trusted: false }).client().list(),
      ).rejects.toMatchObject({
        code: 'CLUSTER_UNREACHABLE',
        remedy: expect.stringContaining('certificate authority'),
      });
    });

    it('keeps a cache that follows what comes, changes and goes', async () => {
      await scene.create('changes');
      await scene.create('goes');
      const changed: (() => void)[] = [];
      const cache = createModuleCache({
        clusters: connect(scene.target),
        onChange: () => changed.forEach(tell => tell()),
      });
      const here = () =>
        cache
          .find({ namespace: scene.namespace })
          .items.map(({ module: { metadata, spec } }) => [
            metadata.name,
            spec.args,
          ])
          .sort();
      const become = (wanted: unknown[]) =>
        new Promise<void>(done => {
          const look = () => {
            if (JSON.stringify(here()) === JSON.stringify(wanted)) {
              done();
            }
          };
          changed.push(look);
          look();
        });
      try {
        cache.start();
        await become([
          ['changes', undefined],
          ['goes', undefined],
        ]);
        await scene.create('comes');
        await scene.send('PATCH', `${scene.modules}/changes`, {
          body: { spec: { args: ['a'] } },
          contentType: MERGE,
        });
        await scene.send('DELETE', `${scene.modules}/goes`);
        await become([
          ['changes', ['a']],
          ['comes', undefined],
        ]);
        expect(cache.problems()).toEqual([]);
      } finally {
        await cache.stop();
      }
    });
  });
});
