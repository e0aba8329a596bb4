import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { ConfigReader } from '@backstage/config';
import { readWasiConfig } from '../config';
import { startKubernetesServer } from '../testing/startKubernetesServer';
import { createClusters } from './createClusters';
import { createModuleCache } from './createModuleCache';

describe('many clusters, of which most are wrong', () => {
  const ends: (() => Promise<unknown> | unknown)[] = [];

  afterEach(async () => {
    await Promise.all(ends.splice(0).map(end => end()));
  });

  async function serve(answer: Parameters<typeof startKubernetesServer>[0]) {
    const server = await startKubernetesServer(answer);
    ends.push(server.close);
    return server.url;
  }

  /** Takes connections and says nothing, as a host behind a firewall. */
  async function openBlackHole(): Promise<string> {
    const server = createTcpServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('each tell their own problem, and delay nobody', async () => {
    const status = (code: number, json: object) => ({ status: code, json });
    const cluster = (name: string, url: string, more: object = {}) => ({
      name,
      url,
      authProvider: 'serviceAccount',
      serviceAccountToken: 't',
      ...more,
    });
    const healthy = await serve(request =>
      request.query.watch
        ? { stream: () => {} }
        : { json: { metadata: { resourceVersion: '1' }, items: [] } },
    );
    const config = new ConfigReader({
      kubernetes: {
        clusterLocatorMethods: [
          {
            type: 'config',
            clusters: [
              cluster('silent', await openBlackHole()),
              cluster('dead', 'http://127.0.0.1:1'),
              cluster(
                'forbidden',
                await serve(() =>
                  status(403, { kind: 'Status', message: 'forbidden: no' }),
                ),
              ),
              cluster(
                'unknown',
                await serve(() => status(401, { kind: 'Status' })),
              ),
              cluster(
                'without-crd',
                await serve(() => status(404, { kind: 'Status' })),
              ),
              cluster('wrong', 'not a url'),
              cluster('no-file', 'https://127.0.0.1:1', {
                caFile: '/does/not/exist',
              }),
              cluster('healthy', healthy),
            ],
          },
        ],
      },
    });

    const clusters = createClusters(config, readWasiConfig(config));
    const cache = createModuleCache({ clusters });
    cache.start();
    ends.push(() => cache.stop());

    // The silent one is still being waited for: nobody else waits with it.
    await expect(clusters.client('healthy').list()).resolves.toMatchObject({
      items: [],
    });
    const wanted = {
      silent: 'CLUSTER_UNREACHABLE',
      dead: 'CLUSTER_UNREACHABLE',
      forbidden: 'CLUSTER_FORBIDDEN',
      unknown: 'CLUSTER_UNAUTHENTICATED',
      'without-crd': 'CRD_MISSING',
      wrong: 'CLUSTER_NOT_CONFIGURED',
      'no-file': 'CLUSTER_UNREACHABLE',
    };
    const told = () =>
      Object.fromEntries(
        cache.problems().map(({ cluster: name, code }) => [name, code]),
      );
    while (JSON.stringify(sorted(told())) !== JSON.stringify(sorted(wanted))) {
      await new Promise(resolve => setImmediate(resolve));
    }
  });
});

function sorted(problems: object) {
  return Object.entries(problems).sort(([a], [b]) => a.localeCompare(b));
}
