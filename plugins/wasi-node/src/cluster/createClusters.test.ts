import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { readWasiConfig } from '../config';
import { createClusters } from './createClusters';

function clustersOf(config: object) {
  const reader = new ConfigReader(config as any);
  return createClusters(reader, readWasiConfig(reader));
}

const good = {
  name: 'good',
  title: 'Good one',
  url: 'https://kube.example.com',
  authProvider: 'serviceAccount',
  serviceAccountToken: 't0ken',
};

describe('the clusters of the portal', () => {
  it('are those of the Kubernetes plugin; one that cannot be used hides no other', () => {
    const clusters = clustersOf({
      wasi: { kubeconfig: '/does/not/matter' },
      kubernetes: {
        clusterLocatorMethods: [
          {
            type: 'config',
            clusters: [
              good,
              { ...good, name: 'google', authProvider: 'google' },
              { ...good, name: 'cloud', authProvider: 'aws' },
              { ...good, name: 'plain', url: 'http://kube.example.com' },
              { ...good, name: 'no-token', serviceAccountToken: undefined },
              { name: 'no-url', authProvider: 'serviceAccount' },
              { ...good },
            ],
          },
          { type: 'localKubectlProxy' },
          { type: 'gke', projectId: 'p' },
        ],
      },
    });

    expect(
      clusters.names().map(({ name, problem }) => [name, problem?.message]),
    ).toEqual([
      ['good', undefined],
      [
        'google',
        'Cluster "google" takes only tokens of users (google), so that its modules are not followed.',
      ],
      [
        'cloud',
        'Cluster "cloud" is reached through the Kubernetes plugin of the portal only.',
      ],
      [
        'plain',
        'Cluster "plain" has an http address, so credentials would travel in the clear.',
      ],
      [
        'no-token',
        'Cluster "no-token" has no `serviceAccountToken`, and the backend does not run in a cluster.',
      ],
      [
        'no-url',
        expect.stringMatching(
          /^The configuration of cluster "no-url" cannot be read: .*url/,
        ),
      ],
      ['good#7', 'Two clusters are named "good"; the first one is used.'],
      ['local', undefined],
      [
        'clusterLocatorMethods[2]',
        'Clusters located by "gke" are known to the portal\'s Kubernetes plugin alone, which has not named them yet.',
      ],
    ]);
    expect(clusters.client('good').cluster).toBe('good');
    expect(clusters.names()[0].title).toBe('Good one');
    expect(JSON.stringify(clusters.names())).not.toContain('t0ken');
  });

  it("fail with the cluster's own problem when it is used", () => {
    const clusters = clustersOf({
      kubernetes: {
        clusterLocatorMethods: [
          {
            type: 'config',
            clusters: [{ ...good, authProvider: 'oidc' }],
          },
        ],
      },
    });

    expect(() => clusters.client('good')).toThrow(
      expect.objectContaining({
        code: 'CLUSTER_NOT_CONFIGURED',
        message:
          'Cluster "good" has the auth provider "oidc", and does not say whose tokens it takes.',
      }),
    );
  });

  it('ask for a name where there are several, and name them', () => {
    const clusters = clustersOf({
      kubernetes: {
        clusterLocatorMethods: [
          { type: 'config', clusters: [good, { ...good, name: 'other' }] },
        ],
      },
    });

    expect(() => clusters.client()).toThrow(/good, other/);
    expect(() => clusters.client('third')).toThrow(
      'There is no cluster "third"; there is: good, other.',
    );
  });

  it('are none where nothing is configured', () => {
    const clusters = clustersOf({});

    expect(clusters.names()).toEqual([]);
    expect(() => clusters.client()).toThrow(
      expect.objectContaining({ code: 'CLUSTER_NOT_CONFIGURED' }),
    );
  });

  describe('from a kubeconfig', () => {
    let directory: string;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'wasi-kubeconfig-'));
    });

    afterEach(async () => {
      await rm(directory, { recursive: true });
    });

    it('are that of its current context', async () => {
      const kubeconfig = join(directory, 'config');
      await writeFile(
        kubeconfig,
        JSON.stringify({
          'current-context': 'dev',
          contexts: [
            { name: 'dev', context: { cluster: 'c', user: 'u' } },
            { name: 'prod', context: { cluster: 'c', user: 'u' } },
          ],
          clusters: [{ name: 'c', cluster: { server: 'https://k.example' } }],
          users: [{ name: 'u', user: { token: 't' } }],
        }),
      );
      const clusters = clustersOf({ wasi: { kubeconfig } });

      expect(clusters.names()).toEqual([{ name: 'dev' }]);
      expect(clusters.client().cluster).toBe('dev');
    });

    it('tell that the file is missing, without its path', () => {
      const clusters = clustersOf({
        wasi: { kubeconfig: join(directory, 'absent') },
      });

      expect(clusters.names()).toEqual([
        {
          name: 'kubeconfig',
          problem: {
            cluster: 'kubeconfig',
            code: 'CLUSTER_NOT_CONFIGURED',
            message:
              'The kubeconfig that `wasi.kubeconfig` names cannot be read (ENOENT).',
            remedy: 'Check the path and that the file is a kubeconfig.',
          },
        },
      ]);
    });
  });
});
