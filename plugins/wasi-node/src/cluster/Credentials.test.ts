import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { readWasiConfig } from '../config';
import { startKubernetesServer } from '../testing/startKubernetesServer';
import { hello, ref } from './__testUtils__/useClusters';
import { createClusters } from './createClusters';

describe('a cluster that changes its credentials', () => {
  let directory: string;
  const ends: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wasi-credentials-'));
  });

  afterEach(async () => {
    await Promise.all(ends.splice(0).map(end => end()));
    await rm(directory, { recursive: true, force: true });
  });

  /** Accepts one token at a time. */
  async function serveTokens(first: string) {
    const accepted = { token: first };
    const server = await startKubernetesServer(({ headers }) =>
      headers.authorization === `Bearer ${accepted.token}`
        ? { json: hello }
        : { status: 401, json: { reason: 'Unauthorized' } },
    );
    ends.push(server.close);
    return { ...server, accepted };
  }

  async function clientOf(url: string, user: object) {
    const path = join(directory, 'kubeconfig');
    await writeFile(
      path,
      JSON.stringify(
        {
          clusters: [
            {
              name: 'prod',
              cluster: { server: url, 'insecure-skip-tls-verify': true },
            },
          ],
          contexts: [
            { name: 'prod', context: { cluster: 'prod', user: 'portal' } },
          ],
          users: [{ name: 'portal', user }],
          'current-context': 'prod',
        },
        undefined,
        2,
      ),
    );
    const config = new ConfigReader({ wasi: { kubeconfig: path } });
    return createClusters(config, readWasiConfig(config)).client();
  }

  it('reads the token file of a kubeconfig again, relative to it, line feed and all', async () => {
    const { url, accepted, requests } = await serveTokens('first');
    await writeFile(join(directory, 'token'), 'first\n');
    const client = await clientOf(url, { tokenFile: 'token' });
    await client.get(ref);

    accepted.token = 'second';
    await writeFile(join(directory, 'token'), 'second\n');

    await expect(client.get(ref)).resolves.toMatchObject({ metadata: ref });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first',
      'Bearer first',
      'Bearer second',
    ]);
  });

  it('reads a kubeconfig again that was written anew', async () => {
    const { url, accepted } = await serveTokens('first');
    const client = await clientOf(url, { token: 'first' });
    await client.get(ref);

    accepted.token = 'second';
    await clientOf(url, { token: 'second' });

    await expect(client.get(ref)).resolves.toMatchObject({ metadata: ref });
  });

  it('runs a credential plugin again, whatever it said how long its token lasts', async () => {
    const { url, accepted } = await serveTokens('first');
    const token = join(directory, 'token');
    await writeFile(token, 'first');
    const client = await clientOf(url, {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: process.execPath,
        args: [
          '-e',
          `console.log(JSON.stringify({ status: {
            token: require('fs').readFileSync(process.argv[1], 'utf8'),
            expirationTimestamp: '2100-01-01T00:00:00Z' } }))`,
          token,
        ],
      },
    });
    await client.get(ref);

    accepted.token = 'second';
    await writeFile(token, 'second');

    await expect(client.get(ref)).resolves.toMatchObject({ metadata: ref });
  });

  it('reads the configuration again, which files and the environment may change', async () => {
    const { url, accepted } = await serveTokens('first');
    const configOf = (serviceAccountToken: string) =>
      new ConfigReader({
        kubernetes: {
          clusterLocatorMethods: [
            {
              type: 'config',
              clusters: [
                {
                  name: 'prod',
                  url,
                  authProvider: 'serviceAccount',
                  serviceAccountToken,
                },
              ],
            },
          ],
        },
      });
    let config = configOf('first');
    const live = new Proxy(config, {
      get: (_, key: keyof ConfigReader) =>
        (config[key] as Function).bind(config),
    });
    const client = createClusters(live, readWasiConfig(live)).client();
    await client.get(ref);

    accepted.token = 'second';
    config = configOf('second');

    await expect(client.get(ref)).resolves.toMatchObject({ metadata: ref });
  });

  it('says so where there is no better one, and does not try for ever', async () => {
    const { url, accepted, requests } = await serveTokens('first');
    const client = await clientOf(url, { token: 'first' });
    accepted.token = 'second';
    await rm(join(directory, 'kubeconfig'));

    await expect(client.get(ref)).rejects.toMatchObject({
      code: 'CLUSTER_UNAUTHENTICATED',
      message: 'Cluster "prod" does not accept the portal\'s credentials.',
      remedy:
        'Renew the token or certificate of the cluster in the configuration.',
    });
    expect(requests).toHaveLength(1);
  });
});
