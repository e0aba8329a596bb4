import {
  WasiError,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { createFakeClusters, FakeWasmModuleClient } from '../testing';
import type { BackOff } from './backOff';
import { createModuleCache, type ModuleCache } from './createModuleCache';
import type { Clusters } from './types';

function wasmModule(
  name: string,
  metadata: Partial<WasmModule['metadata']> = {},
): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: { name, namespace: 'shop', ...metadata },
    spec: { image: `localhost:5000/${name}` },
  };
}

/** Waits that a test ends itself, so that nothing sleeps. */
class HandBackOff implements BackOff {
  readonly failures: number[] = [];
  #waiting: (() => void)[] = [];

  async wait(failures: number, signal: AbortSignal): Promise<void> {
    this.failures.push(failures);
    await new Promise<void>(resolve => {
      this.#waiting.push(resolve);
      signal.addEventListener('abort', () => resolve());
    });
  }

  retry(): void {
    for (const go of this.#waiting.splice(0)) {
      go();
    }
  }
}

describe('the cache of modules', () => {
  let cache: ModuleCache;
  let backOff: HandBackOff;
  let changes: string[];
  let changed: () => void;

  function start(clusters: Clusters): void {
    changes = [];
    backOff = new HandBackOff();
    cache = createModuleCache({
      clusters,
      backOff,
      now: () => new Date('2026-02-03T04:05:06Z'),
      onChange: (refs: ModuleRef[]) => {
        changes.push(
          ...refs.map(ref => `${ref.cluster}/${ref.namespace}/${ref.name}`),
        );
        changed?.();
      },
    });
    cache.start();
  }

  async function untilChanged(what: string): Promise<void> {
    const nextChange = () =>
      new Promise<void>(resolve => {
        changed = resolve;
      });
    while (!changes.includes(what)) {
      await nextChange();
    }
  }

  const settled = () => cache.settled(new AbortController().signal);
  const turn = () => new Promise(resolve => setImmediate(resolve));

  afterEach(async () => {
    await cache.stop();
  });

  it('answers by ref, by labels and by entity, without managedFields', async () => {
    const client = new FakeWasmModuleClient('prod', [
      wasmModule('a', {
        labels: { tier: 'front', team: 'x' },
        managedFields: [{ manager: 'kubectl' }],
      }),
      wasmModule('b', {
        labels: { tier: 'back' },
        annotations: { 'backstage.io/entity-ref': 'Component:default/B' },
      }),
      wasmModule('c', { namespace: 'other', labels: { tier: 'front' } }),
    ]);
    start(createFakeClusters([client]));
    await settled();

    const names = (query: Parameters<ModuleCache['find']>[0]) =>
      cache.find(query).items.map(({ ref }) => `${ref.namespace}/${ref.name}`);

    expect(
      cache.get({ cluster: 'prod', namespace: 'shop', name: 'a' }),
    ).toEqual({
      ref: { cluster: 'prod', namespace: 'shop', name: 'a' },
      module: expect.objectContaining({
        metadata: expect.not.objectContaining({
          managedFields: expect.anything(),
        }),
      }),
      observedAt: '2026-02-03T04:05:06.000Z',
    });
    expect(names({ labelSelector: 'tier in (front,back),!team' })).toEqual([
      'shop/b',
      'other/c',
    ]);
    expect(names({ labelSelector: 'tier=front', namespace: 'shop' })).toEqual([
      'shop/a',
    ]);
    expect(names({ entityRef: 'component:default/b' })).toEqual(['shop/b']);
    expect(names({ cluster: 'absent' })).toEqual([]);
    expect(cache.problems()).toEqual([]);
  });

  it('follows creation, change and deletion', async () => {
    const client = new FakeWasmModuleClient('prod');
    start(createFakeClusters([client]));
    await settled();
    const ref = { cluster: 'prod', namespace: 'shop', name: 'a' };

    await client.create(wasmModule('a'));
    await untilChanged('prod/shop/a');
    expect(cache.get(ref)?.module.spec.image).toBe('localhost:5000/a');

    changes = [];
    await client.patch(ref, { spec: { image: 'localhost:5000/a:2' } });
    await untilChanged('prod/shop/a');
    expect(cache.get(ref)?.module.spec.image).toBe('localhost:5000/a:2');

    changes = [];
    await client.delete(ref);
    await untilChanged('prod/shop/a');
    expect(cache.get(ref)).toBeUndefined();
  });

  it('misses nothing that happened while the watch was cut', async () => {
    const client = new FakeWasmModuleClient('prod', [wasmModule('a')]);
    start(createFakeClusters([client]));
    await settled();
    await turn();
    client.cutWatches();
    await turn();
    await client.create(wasmModule('b'));
    changes = [];
    const list = jest.spyOn(client, 'list');

    backOff.retry();
    await untilChanged('prod/shop/b');

    expect(list).not.toHaveBeenCalled();
    expect(changes).toEqual(['prod/shop/b']);
    expect(cache.problems()).toEqual([]);
  });

  it('lists again when the cluster has forgotten the version, and tells only what differs', async () => {
    const client = new FakeWasmModuleClient('prod', [
      wasmModule('a'),
      wasmModule('b'),
    ]);
    start(createFakeClusters([client]));
    await settled();
    await turn();
    client.cutWatches();
    await turn();
    await client.delete({ namespace: 'shop', name: 'a' });
    await client.create(wasmModule('c'));
    client.expire();
    changes = [];

    backOff.retry();
    await turn();
    backOff.retry();
    await untilChanged('prod/shop/c');

    expect(changes.sort()).toEqual(['prod/shop/a', 'prod/shop/c']);
  });

  it('tells a dead cluster beside a living one, and recovers with it', async () => {
    const living = new FakeWasmModuleClient('living', [wasmModule('a')]);
    const dead = new FakeWasmModuleClient('dead', [wasmModule('b')]);
    dead.down = new WasiError('CLUSTER_UNREACHABLE', {
      message: 'Cluster "dead" cannot be reached.',
    });
    start(createFakeClusters([living, dead]));
    await settled();

    expect(cache.find({}).items.map(({ ref }) => ref.name)).toEqual(['a']);
    expect(cache.problems()).toEqual([
      {
        cluster: 'dead',
        code: 'CLUSTER_UNREACHABLE',
        message: 'Cluster "dead" cannot be reached.',
        remedy:
          'Check that the API server is running and its address is right.',
      },
    ]);

    await turn();
    backOff.retry();
    await turn();
    dead.down = undefined;
    backOff.retry();
    await untilChanged('dead/shop/b');

    expect(backOff.failures).toEqual([1, 2]);
    expect(cache.problems()).toEqual([]);
    expect(cache.find({}).items.map(({ ref }) => ref.name)).toEqual(['a', 'b']);
  });

  it('keeps what it knew of a cluster that dies later', async () => {
    const client = new FakeWasmModuleClient('prod', [wasmModule('a')]);
    start(createFakeClusters([client]));
    await settled();
    await turn();
    client.down = new WasiError('CLUSTER_UNREACHABLE', { message: 'gone' });
    client.cutWatches();
    await turn();
    backOff.retry();
    await turn();

    expect(cache.problems()).toEqual([
      expect.objectContaining({ cluster: 'prod', message: 'gone' }),
    ]);
    expect(cache.find({}).items).toHaveLength(1);
  });

  it('reads back a write at once, but never goes back in time', async () => {
    const client = new FakeWasmModuleClient('prod', [wasmModule('a')]);
    start(createFakeClusters([client]));
    await settled();
    const ref = { cluster: 'prod', namespace: 'shop', name: 'a' };
    const known = cache.get(ref)!.module;
    const at = (resourceVersion: string, image: string) => ({
      ...known,
      metadata: { ...known.metadata, resourceVersion },
      spec: { image },
    });

    cache.observe('prod', at('900', 'newer'));
    expect(cache.get(ref)?.module.spec.image).toBe('newer');

    cache.observe('prod', at('1', 'older'));
    expect(cache.get(ref)?.module.spec.image).toBe('newer');
  });

  it('does not go back to what the watch tells late of the time before a write', async () => {
    const client = new FakeWasmModuleClient('prod', [wasmModule('a')]);
    start(createFakeClusters([client]));
    await settled();
    const ref = { cluster: 'prod', namespace: 'shop', name: 'a' };
    await client.patch(ref, { spec: { image: 'before' } });
    const written = await client.patch(ref, { spec: { image: 'written' } });

    cache.observe('prod', written);
    changes = [];
    await client.create(wasmModule('b'));
    await untilChanged('prod/shop/b');

    // The change before the write is not told, the write itself once more.
    expect(changes).toEqual(['prod/shop/a', 'prod/shop/b']);
    expect(cache.get(ref)?.module.spec.image).toBe('written');
  });

  it('lists again after what it cannot make sense of, rather than stumble over it for ever', async () => {
    const client = new FakeWasmModuleClient('prod', [wasmModule('a')]);
    jest
      .spyOn(client, 'watch')
      .mockImplementationOnce(async function* broken() {
        yield { type: 'OPENED' };
        throw new WasiError('CLUSTER_UNEXPECTED', { message: 'garbage' });
      });
    start(createFakeClusters([client]));
    await settled();
    await turn();
    await client.create(wasmModule('b'));
    const list = jest.spyOn(client, 'list');

    backOff.retry();
    await untilChanged('prod/shop/b');

    expect(list).toHaveBeenCalledTimes(1);
    expect(cache.problems()).toEqual([]);
  });

  it('tells a cluster that ends every watch at once, and shows what lists show', async () => {
    const client = new FakeWasmModuleClient('prod', [wasmModule('a')]);
    jest.spyOn(client, 'watch').mockImplementation(async function* short() {
      yield { type: 'OPENED' };
    });
    start(createFakeClusters([client]));
    await settled();
    for (let i = 0; i < 3; i += 1) {
      await turn();
      backOff.retry();
    }
    await turn();

    expect(cache.problems()).toEqual([
      {
        cluster: 'prod',
        code: 'CLUSTER_UNEXPECTED',
        message: 'Cluster "prod" ends every watch of WasmModules at once.',
        remedy:
          'If a proxy stands before the API server, let it pass answers that last for minutes.',
      },
    ]);
    await client.create(wasmModule('b'));
    backOff.retry();
    await untilChanged('prod/shop/b');
    expect(backOff.failures.slice(0, 4)).toEqual([1, 2, 3, 4]);
  });

  it('keeps a row that is no WasmModule apart', async () => {
    const client = new FakeWasmModuleClient('prod', [wasmModule('a')]);
    const finding = {
      code: 'MODULE_INVALID' as const,
      severity: 'error' as const,
      message: 'spec is text',
      remedy: 'Correct it.',
    };
    jest.spyOn(client, 'list').mockResolvedValue({
      items: [wasmModule('a')],
      rejected: [
        {
          namespace: 'shop',
          name: 'bad',
          labels: { tier: 'front' },
          annotations: {},
          finding,
        },
      ],
      resourceVersion: '200',
    });
    start(createFakeClusters([client]));
    await settled();

    expect(cache.find({ labelSelector: 'tier=front' })).toEqual({
      items: [],
      rejected: [
        {
          cluster: 'prod',
          namespace: 'shop',
          name: 'bad',
          labels: { tier: 'front' },
          annotations: {},
          finding,
        },
      ],
    });
  });

  it('says so while a cluster has not answered yet', () => {
    const client = new FakeWasmModuleClient('slow');
    jest.spyOn(client, 'list').mockReturnValue(new Promise(() => {}));
    start(createFakeClusters([client]));

    expect(cache.problems()).toEqual([
      expect.objectContaining({
        cluster: 'slow',
        message: 'Cluster "slow" has not answered yet.',
      }),
    ]);
    // The list never comes back, so there is nothing to wait for at the end.
    cache.stop = async () => {};
  });
});
