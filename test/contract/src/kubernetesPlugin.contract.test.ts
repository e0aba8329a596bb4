import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { mockServices } from '@backstage/backend-test-utils';
import {
  createClusters,
  readWasiConfig,
  type ClusterPortal,
  type Clusters,
  type ModuleWatchEvent,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { KubernetesTarget } from '@wasi-functions/local-platform/testing';
import { Manifests } from './identityManifests';
import { targets } from './targets';

const run = randomBytes(3).toString('hex');
const NAMESPACE = `proxied-${run}`;
/** Where the user may write. */
const FUNCTIONS = `functions-${run}`;
const PORTAL = `backstage-${run}`;
const jane = { user: 'user:default/jane', groups: ['group:default/shop'] };

const hello = (image: string) => ({
  apiVersion: 'wasm.serving.knative.dev/v1alpha1' as const,
  kind: 'WasmModule' as const,
  metadata: { namespace: NAMESPACE, name: 'hello' },
  spec: { image },
});

jest.setTimeout(60_000);

// The real API server where there is one; a backend is started for this alone.
const [{ title, start }] = targets.filter(({ present }) => present).reverse();

describe(`clusters through the Kubernetes plugin in front of ${title}`, () => {
  let target: KubernetesTarget;
  let manifests: Manifests;
  let backend: ChildProcess | undefined;
  const hooks: (() => void | Promise<void>)[] = [];
  let clusters: Clusters;

  beforeAll(async () => {
    target = await start();
    manifests = new Manifests(target, run);
    for (const name of [NAMESPACE, PORTAL, FUNCTIONS]) {
      await manifests.put({ kind: 'Namespace', metadata: { name } });
    }
    await manifests.apply('watcher.yaml', 'service-account.yaml');
    await manifests.apply('impersonation.yaml', 'users.yaml');
    const token = await manifests.tokenOf(PORTAL, 'backstage');
    const at = {
      url: target.server,
      caData: Buffer.from(target.caCertificate).toString('base64'),
    };
    const account = {
      'kubernetes.io/auth-provider': 'serviceAccount',
      serviceAccountToken: token,
    };
    backend = spawn(
      process.execPath,
      [
        '--require',
        require.resolve('@backstage/cli/config/nodeTransform.cjs'),
        // The plugin imports client-node in a way that jest cannot.
        join(__dirname, '__fixtures__', 'kubernetesPluginProcess.ts'),
        JSON.stringify([
          { ...at, name: 'own', authMetadata: account },
          { ...at, name: 'users', authMetadata: account },
          {
            ...at,
            name: 'google',
            authMetadata: { 'kubernetes.io/auth-provider': 'google' },
          },
          { name: 'dead', url: 'https://127.0.0.1:1', authMetadata: account },
        ]),
      ],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    );
    const { port } = await told(backend, 'port');
    const config = new ConfigReader({
      kubernetes: { clusterLocatorMethods: [] },
      wasi: {
        identity: { clusters: [{ name: 'users', mode: 'impersonate' }] },
      },
    });
    clusters = createClusters(
      config,
      readWasiConfig(config),
      portalAt(port, backend, hooks),
    );
    if (clusters.names().length === 0) {
      await new Promise<void>(resolve => {
        clusters.onChange!(() => clusters.names().length > 0 && resolve());
      });
    }
  }, 120_000);

  afterAll(async () => {
    await Promise.all(hooks.map(hook => hook()));
    if (backend) {
      const exited = once(backend, 'exit');
      backend.kill('SIGKILL');
      await exited;
    }
    await manifests.remove();
    await target.close();
  }, 60_000);

  it('are those that it lists, with what they can be used for', () => {
    expect(
      clusters.names().map(({ name, userTokens, problem }) => ({
        name,
        userTokens,
        problem: problem?.code,
      })),
    ).toEqual([
      { name: 'own' },
      { name: 'users' },
      {
        name: 'google',
        userTokens: 'google',
        problem: 'CLUSTER_TOKEN_MISSING',
      },
      { name: 'dead' },
    ]);
  });

  it('are read, written and watched as those that we reach ourselves', async () => {
    const client = clusters.client('own');
    const { resourceVersion } = await client.list({ namespace: NAMESPACE });
    const stop = new AbortController();
    const seen: string[] = [];
    // From the list on, whenever the proxy opens it.
    const watched = (async () => {
      const describe_ = (event: ModuleWatchEvent) =>
        'module' in event
          ? `${event.type} ${event.module.spec.image}`
          : event.type;
      for await (const event of client.watch({
        namespace: NAMESPACE,
        resourceVersion,
        signal: stop.signal,
      })) {
        seen.push(describe_(event));
        if (event.type === 'DELETED') {
          stop.abort();
          return;
        }
      }
    })();

    await client.apply(hello('example.com/one'));
    await client.apply(hello('example.com/two'));
    await expect(client.get(hello('').metadata)).resolves.toMatchObject({
      spec: { image: 'example.com/two' },
    });
    await client.delete(hello('').metadata);
    await watched;

    expect(seen).toEqual([
      'OPENED',
      'ADDED example.com/one',
      'MODIFIED example.com/two',
      'DELETED example.com/two',
    ]);
    await expect(client.get(hello('').metadata)).rejects.toMatchObject({
      code: 'MODULE_NOT_FOUND',
    });
  });

  it('judge the user, where the portal acts as its users', async () => {
    const client = clusters.client('users', jane);
    const dryRun = { dryRun: true };

    await expect(
      client.create(
        {
          ...hello('example.com/one'),
          metadata: { name: 'hello', namespace: FUNCTIONS },
        },
        dryRun,
      ),
    ).resolves.toMatchObject({ spec: { image: 'example.com/one' } });
    await expect(
      client.create(hello('example.com/one'), dryRun),
    ).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
      message: expect.stringContaining('User "backstage:default/jane"'),
    });
  });

  it('judge the token of the user, where they take no other', async () => {
    const janes = await manifests.tokenOf(FUNCTIONS, 'janet');
    const as = (token: string) =>
      clusters.client('google', { ...jane, tokens: { google: token } });

    await expect(as(janes).get(hello('').metadata)).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
      message: expect.stringContaining(
        `User "system:serviceaccount:${FUNCTIONS}:janet" cannot get`,
      ),
    });
    await expect(
      as('no-such-token').get(hello('').metadata),
    ).rejects.toMatchObject({
      code: 'CLUSTER_TOKEN_MISSING',
      message:
        'Cluster "google" does not accept the token of user:default/jane from google.',
    });
  });

  it('that are dead are told so, and hold up no other', async () => {
    await expect(clusters.client('dead').list()).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: expect.not.stringContaining('127.0.0.1'),
    });
    await expect(
      clusters.client('own').list({ namespace: NAMESPACE }),
    ).resolves.toMatchObject({ items: [] });
  });
});

/** The next message that has the key; the transform of TypeScript sends some, too. */
async function told<Key extends string>(
  backend: ChildProcess,
  key: Key,
): Promise<Record<Key, any>> {
  for (;;) {
    const [message] = await once(backend, 'message');
    if (Object.hasOwn(message, key)) {
      return message;
    }
  }
}

/** The services of a plugin `wasi` beside the Kubernetes plugin; its tokens are real. */
function portalAt(
  port: number,
  backend: ChildProcess,
  hooks: (() => void | Promise<void>)[],
): ClusterPortal {
  return {
    auth: {
      getOwnServiceCredentials: async () => ({}),
      getPluginRequestToken: async ({ targetPluginId }) => {
        const answered = told(backend, 'token');
        backend.send(targetPluginId);
        return answered;
      },
    } as Partial<ClusterPortal['auth']> as ClusterPortal['auth'],
    discovery: {
      getBaseUrl: async id => `http://127.0.0.1:${port}/api/${id}`,
      getExternalBaseUrl: async id => `http://127.0.0.1:${port}/api/${id}`,
    },
    lifecycle: { addShutdownHook: hook => hooks.push(hook) },
    logger: mockServices.logger.mock(),
  };
}
