import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import { readWasiConfig } from '../config';
import { startKubernetesServer } from '../testing/startKubernetesServer';
import { ScriptedApi } from './__testUtils__/ScriptedApi';
import { clusterConfig, hello } from './__testUtils__/useClusters';
import type { BackOff } from './backOff';
import { createClusters } from './createClusters';
import { createModuleCache, type ModuleCache } from './createModuleCache';

const ref: ModuleRef = { cluster: 'prod', namespace: 'shop', name: 'hello' };
const RESOURCES = ['wasmmodules', 'services', 'revisions', 'events'];

const moduleRow = (image: string, name = 'hello') => ({
  ...hello,
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, generation: 1 },
  spec: { image },
});

const serviceRow = (revision: string, name = 'hello') => ({
  metadata: {
    name,
    namespace: 'shop',
    generation: 1,
    ownerReferences: [
      { apiVersion: hello.apiVersion, kind: 'WasmModule', name, uid: 'u' },
    ],
  },
  status: {
    observedGeneration: 1,
    latestCreatedRevisionName: revision,
    conditions: [{ type: 'Ready', status: 'Unknown' }],
  },
});

const eventRow = (id: string, reason: string, about?: object) => ({
  metadata: { name: id, namespace: 'shop' },
  involvedObject: {
    kind: 'WasmModule',
    apiVersion: hello.apiVersion,
    name: 'hello',
    uid: 'uid-hello',
    ...about,
  },
  type: 'Warning',
  reason,
  message: `${reason}.`,
  count: 1,
  lastTimestamp: `2026-01-01T00:00:0${id}Z`,
});

/** Goes on at once, and remembers how long it was asked to wait. */
class NoWait implements BackOff {
  readonly leastMs: number[] = [];

  async wait(
    _failures: number,
    _signal: AbortSignal,
    leastMs = 0,
  ): Promise<void> {
    if (leastMs > 0) {
      this.leastMs.push(leastMs);
    }
    await new Promise(resolve => setImmediate(resolve));
  }
}

describe('the cache in front of an API server that is unwell', () => {
  let api: ScriptedApi;
  let cache: ModuleCache;
  let backOff: NoWait;
  let server: Awaited<ReturnType<typeof startKubernetesServer>>;

  beforeEach(async () => {
    api = new ScriptedApi();
    api.set('wasmmodules', moduleRow('one'));
    api.set('services', serviceRow('hello-00001'));
    api.set('events', eventRow('1', 'InsecureRegistry'));
    server = await startKubernetesServer(api.answer);
    const config = clusterConfig(server.url);
    backOff = new NoWait();
    cache = createModuleCache({
      clusters: createClusters(config, readWasiConfig(config)),
      backOff,
    });
  });

  afterEach(async () => {
    await cache.stop();
    await server.close();
  });

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  async function start(): Promise<void> {
    cache.start();
    await cache.settled(new AbortController().signal);
    await cache.companionsSettled(ref, new AbortController().signal);
    await until(() => RESOURCES.every(resource => api.isWatched(resource)));
  }

  const image = () => cache.get(ref)?.module.spec.image;
  const service = () => cache.companions(ref)?.service?.latestCreatedRevision;
  const reasons = () =>
    cache.companions(ref)?.events.map(({ reason }) => reason) ?? [];
  const lists = (resource: string) =>
    server.requests.filter(
      ({ path, query }) =>
        path.endsWith(`/${resource}`) && !query.watch && query.limit !== '1',
    ).length;

  function changeAll(): void {
    api.set('wasmmodules', moduleRow('two'));
    api.set('services', serviceRow('hello-00002'));
    api.set('events', eventRow('2', 'InternalError'));
  }

  async function expectChanged(): Promise<void> {
    await until(
      () =>
        image() === 'two' &&
        service() === 'hello-00002' &&
        reasons().join() === 'InsecureRegistry,InternalError',
    );
    expect(cache.problems()).toEqual([]);
    expect(cache.companions(ref)?.problems).toEqual({});
  }

  it('misses nothing where every watch is cut in the middle of a line', async () => {
    await start();
    for (const resource of RESOURCES) {
      api.say(resource, '{"type":"MODIFIED","object":{"metadata":{"na');
    }
    api.cut();
    changeAll();

    await expectChanged();
    expect(RESOURCES.map(lists)).toEqual([1, 1, 1, 1]);
  });

  it('lists again where a watch says 410, each resource for itself', async () => {
    await start();
    api.say('events', '{"type":"ERROR","object":{"code":410}}\n');
    changeAll();

    await expectChanged();
    await until(() => lists('events') === 2);
    expect(RESOURCES.map(lists)).toEqual([1, 1, 1, 2]);
  });

  it('goes on in one piece where the rest of a list is forgotten', async () => {
    let asked = 0;
    api.fault = ({ path, query }) => {
      if (!path.endsWith('/wasmmodules') || query.watch) {
        return undefined;
      }
      if (query.continue) {
        return { status: 410, json: { code: 410 } };
      }
      asked += 1;
      return asked === 1
        ? {
            json: {
              metadata: { resourceVersion: '100', continue: 'more' },
              items: [moduleRow('stale', 'gone')],
            },
          }
        : undefined;
    };
    await start();

    expect(cache.find({}).items.map(item => item.ref.name)).toEqual(['hello']);
  });

  it('leaves a server alone for as long as it asks, and goes on where it was', async () => {
    await start();
    let refusals = 0;
    api.fault = ({ query }) => {
      if (!query.watch || refusals === 8) {
        return undefined;
      }
      refusals += 1;
      return { status: 429, headers: { 'retry-after': '40' }, json: {} };
    };
    api.cut();
    changeAll();

    await expectChanged();
    expect(new Set(backOff.leastMs)).toEqual(new Set([40_000]));
    expect(RESOURCES.map(lists)).toEqual([1, 1, 1, 1]);
  });

  it('is right after a burst of 500', async () => {
    await start();
    let refusals = 0;
    api.fault = () => {
      if (refusals === 30) {
        return undefined;
      }
      refusals += 1;
      return { status: 500, json: { message: 'etcdserver: no leader' } };
    };
    api.cut();
    await until(() => cache.problems().length > 0);
    expect(cache.problems()[0].message).toContain('etcdserver: no leader');
    expect(image()).toBe('one');
    changeAll();

    await expectChanged();
  });

  it('believes a server that comes back with an earlier state', async () => {
    const restore = api.backup();
    api.set('wasmmodules', moduleRow('lost'));
    api.set('wasmmodules', moduleRow('lost', 'lost'));
    api.set('services', serviceRow('hello-00009'));
    api.set('events', eventRow('3', 'Lost'));
    await start();
    expect(image()).toBe('lost');

    restore();
    api.cut();

    await until(() => image() === 'one' && service() === 'hello-00001');
    await until(() => reasons().join() === 'InsecureRegistry');
    expect(cache.find({}).items.map(item => item.ref.name)).toEqual(['hello']);
    await until(() => RESOURCES.every(resource => api.isWatched(resource)));
    changeAll();
    await expectChanged();
  });

  it.each(['services', 'revisions', 'events'])(
    'shows modules while the list of %s does not come',
    async slow => {
      api.fault = ({ path }) =>
        path.endsWith(`/${slow}`) ? { never: true } : undefined;
      cache.start();
      await cache.settled(new AbortController().signal);

      expect(image()).toBe('one');
      expect(cache.problems()).toEqual([]);
      expect(Object.keys(cache.companions(ref)!.problems)).toContain(slow);
    },
  );

  it('loses only the part that a cluster lacks or refuses, and asks for it seldom', async () => {
    api.fault = ({ path }) => {
      if (path.startsWith('/apis/serving.knative.dev/')) {
        return { status: 404, text: '404 page not found' };
      }
      return path.endsWith('/events')
        ? { status: 403, json: { message: 'events is forbidden' } }
        : undefined;
    };
    cache.start();
    await cache.settled(new AbortController().signal);
    await cache.companionsSettled(ref, new AbortController().signal);

    expect(image()).toBe('one');
    expect(cache.problems()).toEqual([]);
    const { problems } = cache.companions(ref)!;
    expect(
      Object.entries(problems).map(([resource, { code }]) => [resource, code]),
    ).toEqual(
      expect.arrayContaining([
        ['services', 'KNATIVE_MISSING'],
        ['revisions', 'KNATIVE_MISSING'],
        ['events', 'CLUSTER_FORBIDDEN'],
      ]),
    );
    await until(() => backOff.leastMs.length >= 3);
    expect(new Set(backOff.leastMs)).toEqual(new Set([60_000]));

    api.fault = () => undefined;
    await until(() => service() === 'hello-00001');
    await until(() => reasons().length === 1);
  });

  it('never goes back in time, whatever clocks say', async () => {
    await start();
    api.set('wasmmodules', {
      ...moduleRow('two'),
      metadata: {
        ...moduleRow('two').metadata,
        creationTimestamp: '2099-01-01T00:00:00Z',
      },
    } as ReturnType<typeof moduleRow>);
    await until(() => image() === 'two');
    const written = cache.get(ref)!.module;

    cache.observe('prod', {
      ...written,
      metadata: {
        ...written.metadata,
        resourceVersion: '1',
        creationTimestamp: '2100-01-01T00:00:00Z',
      },
      spec: { image: 'older' },
    });

    expect(image()).toBe('two');
  });

  it('says that a cluster hangs, and no longer once it answers', async () => {
    await start();
    await cache.stop();
    const config = clusterConfig(server.url);
    cache = createModuleCache({
      clusters: createClusters(config, readWasiConfig(config)),
      backOff,
      pulseMs: 5,
    });
    await start();
    api.fault = ({ query }) =>
      query.limit === '1' ? { stream: res => res.destroy() } : undefined;
    await until(() => cache.problems().length > 0);

    expect(cache.problems()).toEqual([
      expect.objectContaining({ cluster: 'prod', code: 'CLUSTER_UNREACHABLE' }),
    ]);
    expect(image()).toBe('one');
    api.fault = () => undefined;
    await until(() => cache.problems().length === 0);
  });
});
