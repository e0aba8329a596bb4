import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import {
  createClusters,
  createModuleCache,
  readWasiConfig,
  type ModuleCache,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import {
  call,
  type KubernetesTarget,
} from '@wasi-functions/local-platform/testing';
import { assets, startKubeApiserverTarget } from './kubeApiserverTarget';

const describeWithServer = assets ? describe : describe.skip;
const namespace = 'module-cache';

describeWithServer(
  'the cache of modules on a real kube-apiserver (needs KUBEBUILDER_ASSETS)',
  () => {
    let directory: string;
    let target: KubernetesTarget;
    let client: WasmModuleClient;
    let cache: ModuleCache;
    const ref = { cluster: '', namespace, name: 'pay' };

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'module-cache-'));
      target = await startKubeApiserverTarget();
      const kubeconfig = join(directory, 'kubeconfig');
      await writeFile(kubeconfig, target.kubeconfig, { mode: 0o600 });
      const config = new ConfigReader({ wasi: { kubeconfig } });
      const clusters = createClusters(config, readWasiConfig(config));
      [{ name: ref.cluster }] = clusters.names();
      client = clusters.client();
      await call(target, 'POST', '/api/v1/namespaces', {
        body: { metadata: { name: namespace } },
      });
      cache = createModuleCache({ clusters });
      cache.start();
      await cache.settled(new AbortController().signal);
    });

    afterAll(async () => {
      await cache?.stop();
      await target?.close();
      await rm(directory, { recursive: true, force: true });
    });

    async function until(holds: () => boolean): Promise<void> {
      while (!holds()) {
        await new Promise(resolve => setImmediate(resolve));
      }
    }

    it('hears of a module and of its events, and says that there is no Knative', async () => {
      await client.create({
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: { name: 'pay', namespace },
        spec: { image: 'localhost:5000/pay' },
      });
      const made = await call(
        target,
        'POST',
        `/api/v1/namespaces/${namespace}/events`,
        {
          body: {
            metadata: { name: 'pay.1' },
            involvedObject: {
              apiVersion: 'wasm.serving.knative.dev/v1alpha1',
              kind: 'WasmModule',
              namespace,
              name: 'pay',
            },
            type: 'Warning',
            reason: 'InternalError',
            message: 'env var A: valueFrom is not yet supported',
            count: 1,
            lastTimestamp: '2026-01-01T00:00:00Z',
          },
        },
      );
      expect(made.code).toBe(201);
      await until(() => cache.companions(ref)?.events.length === 1);

      const { events, problems } = cache.companions(ref)!;
      expect(events).toEqual([
        {
          type: 'Warning',
          reason: 'InternalError',
          message: 'env var A: valueFrom is not yet supported',
          count: 1,
          lastSeen: '2026-01-01T00:00:00Z',
        },
      ]);
      await cache.companionsSettled(ref, new AbortController().signal);
      expect(
        Object.values(problems).every(({ code }) => code === 'KNATIVE_MISSING'),
      ).toBe(true);
      expect(cache.problems()).toEqual([]);
      expect(cache.get(ref)).toMatchObject({
        changedAt: expect.stringMatching(/Z$/),
        module: {
          metadata: expect.not.objectContaining({ managedFields: [] }),
        },
      });
    });

    it('knows a version for each resource, which grows', async () => {
      const before = BigInt(await client.latestVersion('modules'));
      await client.patch(ref, { spec: { args: ['x'] } });

      expect(BigInt(await client.latestVersion('modules')) > before).toBe(true);
      expect(BigInt(await client.latestVersion('events')) > 0n).toBe(true);
      await until(() => cache.get(ref)?.module.spec.args?.join() === 'x');
    });

    it('follows the log of a module without a pod until it is told to stop', async () => {
      const abort = new AbortController();
      const lines = await client.followLogs(ref, { signal: abort.signal });
      const next = lines[Symbol.asyncIterator]().next();
      abort.abort();

      await expect(next).resolves.toEqual({ done: true, value: undefined });
    });
  },
);
