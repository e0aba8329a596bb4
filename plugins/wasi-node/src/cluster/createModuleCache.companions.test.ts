import {
  WasiError,
  type ModuleEvent,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { createFakeClusters, FakeWasmModuleClient } from '../testing';
import { createModuleCache, type ModuleCache } from './createModuleCache';
import type { Clusters } from './types';

const wasmModule = (name: string, namespace = 'shop'): WasmModule => ({
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: { name, namespace },
  spec: { image: `localhost:5000/${name}` },
});

const event = (reason: string, second = 1): ModuleEvent => ({
  type: 'Normal',
  reason,
  message: `${reason}.`,
  count: 1,
  lastSeen: `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`,
});

const ref = (name: string, cluster = 'prod', namespace = 'shop') => ({
  cluster,
  namespace,
  name,
});

describe('what the cache knows beside the modules', () => {
  let cache: ModuleCache;
  let changes: string[];

  const turn = () => new Promise(resolve => setImmediate(resolve));

  async function start(
    clusters: Clusters,
    namespaces?: Record<string, string[]>,
  ): Promise<void> {
    changes = [];
    cache = createModuleCache({
      clusters,
      namespaces,
      onChange: (refs: ModuleRef[]) =>
        changes.push(...refs.map(({ cluster, name }) => `${cluster}/${name}`)),
    });
    cache.start();
    const { signal } = new AbortController();
    await cache.settled(signal);
    await Promise.all(
      cache
        .find({})
        .items.map(item => cache.companionsSettled(item.ref, signal)),
    );
    await turn();
    changes = [];
  }

  afterEach(() => cache.stop());

  it('tells who looks at a module that its Service, Revision or events changed', async () => {
    const client = new FakeWasmModuleClient('prod', [wasmModule('a')]);
    await start(createFakeClusters([client]));

    client.setService(ref('a'), { conditions: [], generation: 4 });
    client.setRevisions(ref('a'), [{ name: 'a-00001', conditions: [] }]);
    client.setEvents(ref('a'), [event('Started')]);
    client.setEvents(ref('stranger'), [event('Started')]);
    await turn();

    expect(changes).toEqual(['prod/a', 'prod/a', 'prod/a']);
    expect(cache.companions(ref('a'))).toEqual({
      service: { conditions: [], generation: 4 },
      revisions: [{ name: 'a-00001', conditions: [] }],
      events: [event('Started')],
      eventOrder: new Map(),
      problems: {},
    });
    client.setService(ref('a'), undefined);
    await turn();
    expect(cache.companions(ref('a'))?.service).toBeUndefined();
  });

  it('knows what was told of a module before the module itself', async () => {
    const client = new FakeWasmModuleClient('prod');
    await start(createFakeClusters([client]));
    client.setEvents(ref('late'), [event('InternalError')]);
    await turn();
    await client.create(wasmModule('late'));
    await turn();

    expect(cache.companions(ref('late'))?.events).toEqual([
      event('InternalError'),
    ]);
  });

  it('keeps no more than the latest of many events, warnings before others', async () => {
    const client = new FakeWasmModuleClient('prod', [wasmModule('a')]);
    const warning: ModuleEvent = { ...event('Failed', 0), type: 'Warning' };
    await start(createFakeClusters([client]));

    client.setEvents(ref('a'), [
      warning,
      ...Array.from({ length: 30 }, (_, index) =>
        event(`Normal${index}`, index),
      ),
    ]);
    await turn();

    expect(
      cache.companions(ref('a'))?.events.map(({ reason }) => reason),
    ).toEqual([
      'Failed',
      ...Array.from({ length: 9 }, (_, index) => `Normal${index + 21}`),
    ]);
  });

  it('holds no more than so much of what is no module', async () => {
    const client = new FakeWasmModuleClient('prod', [wasmModule('a')]);
    await start(createFakeClusters([client]));
    client.setEvents(ref('a'), [event('Kept')]);
    for (let index = 0; index <= 1_000; index += 1) {
      client.setEvents(ref(`stranger-${index}`), [event('Seen')]);
    }
    await turn();

    const eventsOf = (name: string) =>
      cache.companions(ref(name))?.events.length;
    expect([
      eventsOf('stranger-0'),
      eventsOf('stranger-1'),
      eventsOf('stranger-1000'),
      eventsOf('a'),
    ]).toEqual([0, 1, 1, 1]);
  });

  it('follows clusters that come, and leaves those that go, with what it knew of them', async () => {
    const first = new FakeWasmModuleClient('first', [wasmModule('a')]);
    const second = new FakeWasmModuleClient('second', [wasmModule('b')]);
    let clients = [first];
    let tell = () => {};
    const clusters: Clusters = {
      names: () => createFakeClusters(clients).names(),
      client: name => createFakeClusters(clients).client(name),
      identity: () => ({ kind: 'service-account' }),
      onChange: listener => {
        tell = listener;
        return () => {};
      },
    };
    await start(clusters);

    clients = [second];
    tell();
    await cache.settled(new AbortController().signal);

    expect(cache.find({}).items.map(item => item.ref)).toEqual([
      ref('b', 'second'),
    ]);
    expect(changes).toEqual(['first/a', 'second/b']);
    expect(cache.problems()).toEqual([]);
    await first.create(wasmModule('unheard'));
    await turn();
    expect(cache.get(ref('unheard', 'first'))).toBeUndefined();
  });

  it('follows a cluster of the same name anew where it is reached in another way', async () => {
    const before = new FakeWasmModuleClient('prod', [wasmModule('a')]);
    const after = new FakeWasmModuleClient('prod', [wasmModule('b')]);
    let client = before;
    let tell = () => {};
    await start({
      names: () => [{ name: 'prod' }],
      client: () => client,
      identity: () => ({ kind: 'service-account' }),
      onChange: listener => {
        tell = listener;
        return () => {};
      },
    });

    client = after;
    tell();
    await cache.settled(new AbortController().signal);

    expect(cache.find({}).items.map(item => item.ref.name)).toEqual(['b']);
  });

  it('follows single namespaces where the whole cluster may not be listed', async () => {
    const client = new FakeWasmModuleClient('prod', [
      wasmModule('a', 'one'),
      wasmModule('b', 'two'),
      wasmModule('c', 'three'),
    ]);
    const list = client.list.bind(client);
    jest.spyOn(client, 'list').mockImplementation(async options => {
      if (!options?.namespace || options.namespace === 'two') {
        throw new WasiError('CLUSTER_FORBIDDEN', { message: 'not there' });
      }
      return list(options);
    });
    await start(createFakeClusters([client]), { prod: ['one', 'two'] });

    expect(cache.find({}).items.map(item => item.ref.name)).toEqual(['a']);
    expect(cache.get(ref('a', 'prod', 'one'))?.ref.name).toBe('a');
    expect(cache.problems()).toEqual([
      expect.objectContaining({ cluster: 'prod', message: 'not there' }),
    ]);
    await client.create(wasmModule('d', 'one'));
    await turn();
    expect(cache.find({ name: 'd' }).items).toHaveLength(1);
  });

  it('finds by entity, label and name what it knows by now, and no more', async () => {
    const labelled = (
      name: string,
      labels: Record<string, string>,
      entity?: string,
    ): WasmModule => ({
      ...wasmModule(name),
      metadata: {
        ...wasmModule(name).metadata,
        labels,
        annotations: entity ? { 'backstage.io/entity-ref': entity } : {},
      },
    });
    const client = new FakeWasmModuleClient('prod', [
      labelled('a', { app: 'x', tier: 'front' }, 'component:default/a'),
      labelled('b', { app: 'x' }, 'component:default/a'),
    ]);
    await start(createFakeClusters([client]));
    const names = (query: Parameters<ModuleCache['find']>[0]) =>
      cache.find(query).items.map(item => item.ref.name);

    expect(names({ labelSelector: 'app=x,tier=front' })).toEqual(['a']);
    expect(names({ labelSelector: 'app=x,!tier' })).toEqual(['b']);
    expect(names({ labelSelector: 'app==x, tier in (front, back)' })).toEqual([
      'a',
    ]);
    expect(names({ entityRef: 'Component:default/A' })).toEqual(['a', 'b']);
    expect(names({ name: 'b', namespace: 'shop' })).toEqual(['b']);
    expect(names({ name: 'b', namespace: 'other' })).toEqual([]);

    await client.patch(ref('a'), {
      metadata: {
        labels: { app: 'y', tier: null },
        annotations: { 'backstage.io/entity-ref': 'component:default/z' },
      },
    });
    await client.delete(ref('b'));
    await turn();

    expect(names({ labelSelector: 'app=x' })).toEqual([]);
    expect(names({ labelSelector: 'app=y' })).toEqual(['a']);
    expect(names({ entityRef: 'component:default/a' })).toEqual([]);
    expect(names({ entityRef: 'component:default/z' })).toEqual(['a']);
    expect(names({ name: 'b' })).toEqual([]);
  });
});
