import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createClusters,
  createModuleCache,
  readWasiConfig,
  type ModuleCache,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { startFaultyProxy, type Exchange } from '../testing/startFaultyProxy';
import { startKubernetesApi, type KubernetesApi } from './startKubernetesApi';

// Each test takes well under a second on an idle machine.
jest.setTimeout(60_000);

type Proxy = Awaited<ReturnType<typeof startFaultyProxy>>;

const silent = {
  // eslint-disable-next-line no-empty-function
  async *read() {},
};

function clustersOf(
  api: KubernetesApi,
  addresses: Record<string, { url: string; ca: string; token?: string }>,
) {
  const config = new ConfigReader({
    kubernetes: {
      clusterLocatorMethods: [
        {
          type: 'config',
          clusters: Object.entries(addresses).map(
            ([name, { url, ca, token }]) => ({
              name,
              url,
              authProvider: 'serviceAccount',
              serviceAccountToken: token ?? api.backstageToken,
              caData: Buffer.from(ca).toString('base64'),
            }),
          ),
        },
      ],
    },
  });
  return createClusters(config, readWasiConfig(config));
}

const megabyte = Buffer.alloc(1024 * 1024, 'x');
const line = (event: object) => `${JSON.stringify(event)}\n`;

/** Answers the one kind of request, lets the other pass. */
function answer(
  which: 'watch' | 'list',
  status: number,
  body: string,
): (exchange: Exchange) => void {
  return ({ isWatch, pass, request, response }) => {
    if (isWatch !== (which === 'watch') || request.method !== 'GET') {
      pass();
      return;
    }
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body);
  };
}

/** Spoils what a watch tells; the rest passes. */
const spoil =
  (with_: (exchange: Exchange, chunk: Buffer) => void) =>
  (exchange: Exchange) =>
    exchange.isWatch
      ? exchange.pass(chunk => {
          if (!exchange.response.writableEnded) {
            with_(exchange, chunk);
          }
          return false;
        })
      : exchange.pass();

const forbidden = JSON.stringify({
  kind: 'Status',
  reason: 'Forbidden',
  code: 403,
  message: 'wasmmodules.wasm.serving.knative.dev is forbidden: no list for you',
});

describe('the cache of modules, in front of a cluster that is unwell', () => {
  let directory: string;
  let api: KubernetesApi;
  let proxy: Proxy;
  let cache: ModuleCache;
  let changed: () => void;
  let changes: string[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wasi-faults-'));
    api = await startKubernetesApi({ directory, port: 0, logSource: silent });
  });

  afterAll(async () => {
    await api.close();
    await rm(directory, { recursive: true, force: true });
  });

  beforeEach(async () => {
    proxy = await startFaultyProxy(api);
    changes = [];
    changed = () => {};
    const admin = clustersOf(api, {
      own: { url: api.server, ca: api.caCertificate },
    }).client();
    for (const { metadata } of (await admin.list()).items) {
      await admin.delete({ namespace: 'default', name: metadata.name });
    }
    await admin.create(wasmModule('first'));
    cache = createModuleCache({
      clusters: clustersOf(api, {
        healthy: { url: api.server, ca: api.caCertificate },
        sick: proxy,
      }),
      // At once, but never without letting others have their turn.
      backOff: { wait: () => new Promise(resolve => setImmediate(resolve)) },
      onChange: refs => {
        changes.push(...refs.map(({ cluster, name }) => `${cluster}/${name}`));
        changed();
      },
    });
  });

  afterEach(async () => {
    await cache.stop();
    await proxy.close();
  });

  function wasmModule(name: string): WasmModule {
    return {
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: { name, namespace: 'default' },
      spec: { image: `localhost:5000/${name}:1` },
    };
  }

  const names = (cluster: string) =>
    cache
      .find({ cluster })
      .items.map(({ ref }) => ref.name)
      .sort();
  const problemOf = (cluster: string) =>
    cache.problems().find(problem => problem.cluster === cluster);

  /** Nothing tells of problems and of requests, so these are looked for each turn. */
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  async function start(): Promise<void> {
    cache.start();
    await cache.settled(new AbortController().signal);
  }

  const client = () =>
    clustersOf(api, {
      own: { url: api.server, ca: api.caCertificate },
    }).client();

  /** Three changes that the sick cluster must show in the end, once each. */
  async function change(): Promise<void> {
    const direct = client();
    await direct.create(wasmModule('second'));
    await direct.patch(
      { namespace: 'default', name: 'first' },
      { spec: { args: ['changed'] } },
    );
    await direct.create(wasmModule('passing'));
    await direct.delete({ namespace: 'default', name: 'passing' });
  }

  async function expectRight(): Promise<void> {
    const isRight = () =>
      ['healthy', 'sick'].every(
        cluster =>
          names(cluster).join() === 'first,second' &&
          cache
            .get({ cluster, namespace: 'default', name: 'first' })
            ?.module.spec.args?.join() === 'changed' &&
          !problemOf(cluster),
      );
    await until(isRight);
    // Right, and told no more than there was to tell.
    expect(changes.filter(told => told === 'sick/second')).toHaveLength(1);
    expect(changes.filter(told => told === 'healthy/second')).toHaveLength(1);
  }

  const garbage = '{"type":"ADDED","object":\u0000}\n';

  it.each<{
    fault: string;
    apply: (exchange: Exchange) => void;
    code?: string;
    says?: string;
  }>([
    {
      fault: 'cuts connections before it answers',
      apply: ({ response }) => response.destroy(),
      code: 'CLUSTER_UNREACHABLE',
      says: 'Cluster "sick" cannot be reached: the connection was cut (ECONNRESET).',
    },
    {
      fault: 'lacks the CRD',
      apply: answer('list', 404, '404 page not found\n'),
      code: 'CRD_MISSING',
      says: 'the cluster does not serve WasmModules',
    },
    {
      fault: 'refuses the list',
      apply: answer('list', 403, forbidden),
      code: 'CLUSTER_FORBIDDEN',
      says: 'no list for you',
    },
    {
      fault: 'fails',
      apply: answer('list', 500, '{"message":"etcdserver: no leader"}'),
      code: 'CLUSTER_UNEXPECTED',
      says: 'answered 500, etcdserver: no leader',
    },
    {
      fault: 'has too much to do',
      apply: answer('list', 429, '{}'),
      code: 'CLUSTER_BUSY',
      says: 'the API server has too much to do',
    },
    {
      fault: 'sends a login page',
      apply: answer('list', 200, '<html>Sign in</html>'),
      code: 'CLUSTER_UNEXPECTED',
      says: 'something other than a list of WasmModules',
    },
  ])(
    'of which one $fault: says so beside the others, and is right again after it',
    async ({ apply, code, says }) => {
      proxy.fault = apply;
      await start();

      expect(names('healthy')).toEqual(['first']);
      expect(problemOf('healthy')).toBeUndefined();
      expect(problemOf('sick')).toMatchObject({
        code,
        message: expect.stringContaining(says!),
        remedy: expect.stringMatching(/\w/),
      });

      await change();
      proxy.heal();
      await expectRight();
    },
  );

  it.each([
    {
      fault: 'cuts lines in the middle',
      apply: spoil(({ response }, chunk) =>
        response.write(chunk.subarray(0, chunk.length / 2), () =>
          response.destroy(),
        ),
      ),
    },
    {
      fault: 'sends garbage for lines',
      apply: spoil(({ response }) => response.end(garbage)),
    },
    {
      fault: 'sends lines of 50 MB',
      apply: spoil(({ response }) => {
        let left = 50;
        const more = () => {
          while (left > 0 && !response.destroyed) {
            left -= 1;
            if (!response.write(megabyte)) {
              response.once('drain', more);
              return;
            }
          }
        };
        more();
      }),
    },
    {
      fault: 'has forgotten the version, told as an ERROR event',
      apply: spoil(({ response }) =>
        response.end(line({ type: 'ERROR', object: { code: 410 } })),
      ),
    },
    {
      fault: 'fails, told as an ERROR event',
      apply: spoil(({ response }) =>
        response.end(line({ type: 'ERROR', object: { code: 500 } })),
      ),
    },
    {
      fault: 'has forgotten the version, told by its status',
      apply: answer('watch', 410, '{"code":410}'),
    },
    {
      fault: 'ends watches at once',
      apply: answer('watch', 200, ''),
    },
    {
      fault: 'sends bookmarks without a version',
      apply: answer('watch', 200, line({ type: 'BOOKMARK', object: {} })),
    },
  ])(
    'of which the watch $fault: is right while it lasts and after it',
    async ({ apply }) => {
      await start();
      await until(() => proxy.seen.some(path => path.includes('watch=true')));
      proxy.fault = apply;
      proxy.cut();

      await change();
      await until(() => names('sick').join() === 'first,second');
      expect(names('sick')).toEqual(['first', 'second']);
      proxy.heal();
      proxy.cut();
      await expectRight();
    },
  );

  it('keeps what it knew of a cluster that goes away, with its age', async () => {
    await start();
    const age = () =>
      cache.get({ cluster: 'sick', namespace: 'default', name: 'first' })!
        .observedAt;
    await until(() => proxy.seen.some(path => path.includes('watch=true')));
    proxy.fault = ({ response }) => response.destroy();
    proxy.cut();
    await until(() => problemOf('sick') !== undefined);
    const before = age();
    await change();
    await until(() => names('healthy').join() === 'first,second');

    expect(names('sick')).toEqual(['first']);
    expect(age()).toBe(before);

    proxy.heal();
    await expectRight();
    expect(age() > before).toBe(true);
  });

  it('tells a certificate for another host from one of another authority', async () => {
    const elsewhere = await startFaultyProxy(api, { hosts: ['kube.example'] });
    try {
      const problems = createModuleCache({
        clusters: clustersOf(api, {
          host: elsewhere,
          authority: { url: proxy.url, ca: api.caCertificate },
        }),
      });
      problems.start();
      await problems.settled(new AbortController().signal);
      await problems.stop();

      expect(
        problems.problems().map(({ message, remedy }) => [message, remedy]),
      ).toEqual([
        [
          'Cluster "host" cannot be reached: its certificate is not trusted (ERR_TLS_CERT_ALTNAME_INVALID).',
          'Write the address of the cluster with a host name that its certificate has.',
        ],
        [
          expect.stringMatching(
            /^Cluster "authority" cannot be reached: its certificate is not trusted/,
          ),
          expect.stringContaining('Set the certificate authority'),
        ],
      ]);
      expect(elsewhere.seen).toEqual([]);
    } finally {
      await elsewhere.close();
    }
  });
});
