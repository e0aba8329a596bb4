import {
  WasiError,
  type WasiErrorCode,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { createFakeClusters, FakeWasmModuleClient } from '../testing';
import type { BackOff } from './backOff';
import { createModuleCache, type ModuleCache } from './createModuleCache';
import type { ClusterInfo } from './types';

const ref = { cluster: 'prod', namespace: 'shop', name: 'pay' };

const pay: WasmModule = {
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: {
    name: 'pay',
    namespace: 'shop',
    labels: { tier: 'front' },
    annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
  },
  spec: { image: 'localhost:5000/pay:1' },
};

const refusals: WasiErrorCode[] = [
  'CLUSTER_UNAUTHENTICATED',
  'CLUSTER_FORBIDDEN',
  'CRD_MISSING',
];

describe('what the cache tells at once', () => {
  let prod: FakeWasmModuleClient;
  let cache: ModuleCache;
  /** Problems, as they were told. */
  let told: string[];
  let moves: boolean[];
  let at: number;

  beforeEach(() => {
    prod = new FakeWasmModuleClient('prod', [pay]);
    told = [];
    moves = [];
    at = Date.parse('2026-01-01T00:00:00Z');
  });

  afterEach(() => cache.stop());

  const problems = () =>
    cache
      .problems()
      .map(({ cluster, code }) => `${cluster} ${code}`)
      .join();

  const asksForModules = (latest: { mock: { calls: unknown[][] } }) =>
    latest.mock.calls.filter(([resource]) => resource === 'modules').length;

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  async function start(
    options: {
      pulseMs?: number;
      clusters?: ClusterInfo[];
      backOff?: BackOff;
    } = {},
  ) {
    const clusters = createFakeClusters([prod]);
    const listeners: (() => void)[] = [];
    cache = createModuleCache({
      clusters: {
        ...clusters,
        names: () => options.clusters ?? clusters.names(),
        onChange: listener => {
          listeners.push(listener);
          return () => {};
        },
      },
      pulseMs: options.pulseMs ?? 5,
      backOff: options.backOff ?? {
        wait: () => new Promise(resolve => setImmediate(resolve)),
      },
      now: () => new Date(at),
      onChange: (_refs, moved) => moves.push(moved),
      onProblem: cluster => told.push(`${cluster}: ${problems()}`),
    });
    cache.start();
    await cache.settled(new AbortController().signal);
    return { reconfigure: () => listeners.forEach(tell => tell()) };
  }

  it('is that a cluster is heard for the first time', async () => {
    await start();
    expect(told).toEqual(['prod: ']);
  });

  it.each(refusals)(
    'is %s while the watch that was let in goes on, once, and its end',
    async code => {
      await start();
      const list = jest.spyOn(prod, 'list');
      prod.down = new WasiError(code, { message: 'no' });
      await until(() => list.mock.calls.length > 20);

      expect(problems()).toBe(`prod ${code}`);
      expect(cache.get(ref)?.module.spec.image).toBe('localhost:5000/pay:1');
      prod.down = undefined;
      await until(() => problems() === '');
      expect(told).toEqual(['prod: ', `prod: prod ${code}`, 'prod: ']);
    },
  );

  it('is what it lists anew after a refusal, not what the watch of before tells', async () => {
    await start();
    prod.down = new WasiError('CLUSTER_FORBIDDEN', { message: 'no' });
    await until(() => problems() !== '');
    prod.setStatus(ref, { observedGeneration: 1 });
    await new Promise(resolve => setImmediate(resolve));

    expect(problems()).toBe('prod CLUSTER_FORBIDDEN');
    expect(cache.get(ref)?.module.status).toBeUndefined();
    prod.down = undefined;
    await until(() => cache.get(ref)?.module.status !== undefined);
    expect(problems()).toBe('');
  });

  it('leaves a cluster that refuses to the back-off, and asks no more besides', async () => {
    await start();
    const latest = jest.spyOn(prod, 'latestVersion');
    prod.down = new WasiError('CLUSTER_UNAUTHENTICATED', { message: 'no' });
    await until(() => problems() !== '');
    const asked = asksForModules(latest);
    const list = jest.spyOn(prod, 'list');
    await until(() => list.mock.calls.length > 20);

    expect(asksForModules(latest)).toBe(asked);
  });

  it.each(['CLUSTER_BUSY', 'CLUSTER_UNEXPECTED'] as const)(
    'is nothing where the cluster answers %s, and the watch goes on',
    async code => {
      await start();
      const latest = jest.spyOn(prod, 'latestVersion');
      const list = jest.spyOn(prod, 'list');
      prod.down = new WasiError(code, { message: 'later' });
      await until(() => asksForModules(latest) > 3);

      expect(problems()).toBe('');
      expect(list).not.toHaveBeenCalled();
      expect(told).toEqual(['prod: ']);
    },
  );

  it('is that a cluster is silent, once, and that it is not any more', async () => {
    await start();
    const latest = jest.spyOn(prod, 'latestVersion');
    prod.down = new WasiError('CLUSTER_UNREACHABLE', { message: 'gone' });
    await until(() => problems() !== '');
    latest.mockClear();
    await until(() => asksForModules(latest) > 3);
    prod.down = undefined;
    await until(() => problems() === '');

    expect(told).toEqual([
      'prod: ',
      'prod: prod CLUSTER_UNREACHABLE',
      'prod: ',
    ]);
  });

  it('is asked for also where the watch is never quiet', async () => {
    await start();
    let status = 0;
    const chatter = setInterval(() => {
      status += 1;
      prod.setStatus(ref, { observedGeneration: status });
    }, 1);
    prod.down = new WasiError('CLUSTER_UNAUTHENTICATED', { message: 'no' });
    await until(() => problems() !== '');
    clearInterval(chatter);

    expect(problems()).toBe('prod CLUSTER_UNAUTHENTICATED');
  });

  it('has its reasons again with the modules, where both were refused', async () => {
    const no = new WasiError('CLUSTER_FORBIDDEN', { message: 'no' });
    const reasons = () => cache.companions(ref)?.problems.events;
    prod.refuse('events', no);
    await start({
      backOff: {
        // As patient as it is asked to be, for ever.
        wait: (_failures, signal, leastMs = 0) =>
          new Promise(resolve => {
            if (leastMs > 0) {
              signal.addEventListener('abort', () => resolve());
            } else {
              setImmediate(resolve);
            }
          }),
      },
    });
    await until(() => reasons()?.code === 'CLUSTER_FORBIDDEN');
    prod.down = no;
    await until(() => problems() !== '');
    prod.refuse('events', undefined);
    prod.down = undefined;

    await until(() => problems() === '');
    await until(() => reasons() === undefined);
    expect(cache.get(ref)).toBeDefined();
  });

  it('is as old as the last answer', async () => {
    await start();
    at += 60_000;
    await until(
      () => cache.get(ref)?.observedAt === '2026-01-01T00:01:00.000Z',
    );
    prod.down = new WasiError('CLUSTER_UNREACHABLE', { message: 'gone' });
    await until(() => problems() !== '');
    at += 60_000;
    const latest = jest.spyOn(prod, 'latestVersion');
    await until(() => asksForModules(latest) > 3);

    expect(cache.get(ref)?.observedAt).toBe('2026-01-01T00:01:00.000Z');
  });

  it('is that a cluster can be used no longer, and again', async () => {
    const clusters: ClusterInfo[] = [{ name: 'prod' }];
    const { reconfigure } = await start({ clusters, pulseMs: 60_000 });
    const problem = {
      cluster: 'prod',
      code: 'CLUSTER_NOT_CONFIGURED' as const,
      message: 'Its entry is wrong.',
      remedy: 'Correct it.',
    };
    clusters[0] = { name: 'prod', problem };
    reconfigure();
    reconfigure();
    expect(told).toEqual(['prod: ', 'prod: prod CLUSTER_NOT_CONFIGURED']);

    clusters[0] = { name: 'prod' };
    reconfigure();
    await until(() => problems() === '');
    expect(told.at(-1)).toBe('prod: ');
  });

  it('is whether a module came or may be of another entity, or only changed', async () => {
    await start({ pulseMs: 60_000 });
    const next = async (change: () => Promise<unknown>) => {
      moves = [];
      await change();
      await until(() => moves.length > 0);
      return moves;
    };
    const patch = (metadata: object) => () => prod.patch(ref, { metadata });

    expect(moves).toEqual([true]);
    expect(
      await next(async () => prod.setStatus(ref, { observedGeneration: 1 })),
    ).toEqual([false]);
    expect(
      await next(() => prod.patch(ref, { spec: { args: ['x'] } })),
    ).toEqual([false]);
    expect(await next(patch({ labels: { tier: 'back' } }))).toEqual([true]);
    expect(
      await next(
        patch({ annotations: { 'backstage.io/entity-ref': 'component:x' } }),
      ),
    ).toEqual([true]);
    expect(await next(patch({ annotations: { note: 'x' } }))).toEqual([false]);
    expect(
      await next(() =>
        prod.create({ ...pay, metadata: { ...pay.metadata, name: 'new' } }),
      ),
    ).toEqual([true]);
    expect(await next(() => prod.delete(ref))).toEqual([false]);
    expect(
      cache.observe('prod', {
        ...pay,
        metadata: { ...pay.metadata, name: 'own', resourceVersion: '9999' },
      }),
    ).toBeUndefined();
    expect(moves).toEqual([false, true]);
  });
});
