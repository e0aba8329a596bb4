import { randomBytes } from 'node:crypto';
import { ConfigReader } from '@backstage/config';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createClusters,
  readWasiConfig,
  type ClusterCaller,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import {
  call,
  type KubernetesTarget,
} from '@wasi-functions/local-platform/testing';
import { Manifests } from './identityManifests';
import { describeTargets } from './targets';

const run = randomBytes(3).toString('hex');
const NAMESPACE = `functions-${run}`;
const PORTAL = `backstage-${run}`;

const shop = { user: 'user:default/jane', groups: ['group:default/shop'] };
/** Rights are bound to the group, which this one is not of. */
const alone = { user: 'user:default/jane', groups: [] };

function moduleNamed(name: string): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: { name, namespace: NAMESPACE },
    spec: { image: 'example.com/hello' },
  };
}

const existing = { namespace: NAMESPACE, name: 'existing' };

/** Of the module that exists. */
let resourceVersion: string;

/** What the portal does in a cluster; each leaves it as it was. */
const verbs: Record<string, (client: WasmModuleClient) => Promise<unknown>> = {
  list: client => client.list({ namespace: NAMESPACE }),
  watch: async client => {
    const stop = new AbortController();
    const events = client.watch({
      namespace: NAMESPACE,
      resourceVersion: '',
      signal: stop.signal,
    });
    for await (const event of events) {
      stop.abort();
      return event.type;
    }
    return undefined;
  },
  get: client => client.get(existing),
  create: client => client.create(moduleNamed('created'), { dryRun: true }),
  'apply to what is absent': client =>
    client.apply(moduleNamed('applied'), { dryRun: true }),
  'apply to what is present': client =>
    client.apply(moduleNamed('existing'), { dryRun: true, force: true }),
  patch: client =>
    client.patch(existing, { spec: { args: ['a'] } }, { dryRun: true }),
  replace: client =>
    client.replace(
      {
        ...moduleNamed('existing'),
        metadata: { ...existing, resourceVersion },
      },
      { dryRun: true },
    ),
  delete: client => client.delete(existing, { dryRun: true }),
  'read events': client => client.events(existing),
  'read logs': client => client.logs(existing),
};

/** As the API server names the right that the verb takes. */
const rights: Record<string, RegExp> = {
  list: /cannot list resource "wasmmodules"/,
  watch: /cannot watch resource "wasmmodules"/,
  get: /cannot get resource "wasmmodules"/,
  create: /cannot create resource "wasmmodules"/,
  'apply to what is absent': /cannot patch resource "wasmmodules"/,
  'apply to what is present': /cannot patch resource "wasmmodules"/,
  patch: /cannot patch resource "wasmmodules"/,
  replace: /cannot update resource "wasmmodules"/,
  delete: /cannot delete resource "wasmmodules"/,
  'read events': /cannot list resource "events"/,
  'read logs': /cannot list resource "pods"/,
};

describeTargets('identity', start => {
  let target: KubernetesTarget;
  let manifests: Manifests;

  beforeAll(async () => {
    target = await start();
    manifests = new Manifests(target, run);
    await manifests.put({
      kind: 'Namespace',
      metadata: { name: NAMESPACE },
    });
    const { body } = await call(
      target,
      'POST',
      `/apis/wasm.serving.knative.dev/v1alpha1/namespaces/${NAMESPACE}/wasmmodules`,
      { body: moduleNamed('existing') },
    );
    resourceVersion = body.metadata.resourceVersion;
  }, 120_000);

  afterAll(async () => {
    await call(
      target,
      'DELETE',
      `/apis/wasm.serving.knative.dev/v1alpha1/namespaces/${NAMESPACE}/wasmmodules/existing`,
    );
    await manifests.remove();
    await target.close();
  }, 60_000);

  function connect(cluster: object, identity?: object) {
    const config = new ConfigReader({
      kubernetes: {
        clusterLocatorMethods: [
          {
            type: 'config',
            clusters: [
              {
                name: 'prod',
                url: target.server,
                caData: Buffer.from(target.caCertificate).toString('base64'),
                ...cluster,
              },
            ],
          },
        ],
      },
      wasi: { identity },
    } as any);
    return createClusters(config, readWasiConfig(config));
  }

  const byToken = (token: string, identity?: object) =>
    connect(
      { authProvider: 'serviceAccount', serviceAccountToken: token },
      identity,
    );

  interface Mode {
    mode: string;
    files: string[];
    allowed: () => Promise<WasmModuleClient>;
    denied: () => Promise<WasmModuleClient>;
    /** As the API server names who is denied. */
    name: string;
    remedy: string;
  }

  const impersonating = async (caller: ClusterCaller) =>
    byToken(await manifests.tokenOf(PORTAL, 'backstage'), {
      mode: 'impersonate',
    }).client('prod', caller);

  const withOwnToken = async (account: string) =>
    connect({ authProvider: 'google' }).client('prod', {
      ...shop,
      tokens: { prod: await manifests.tokenOf(NAMESPACE, account) },
    });

  const modes: Mode[] = [
    {
      mode: 'the account of the portal',
      files: ['watcher.yaml', 'service-account.yaml'],
      allowed: async () =>
        byToken(await manifests.tokenOf(PORTAL, 'backstage')).client(),
      denied: async () =>
        byToken(await manifests.tokenOf(PORTAL, 'nobody')).client(),
      name: `system:serviceaccount:${PORTAL}:nobody`,
      remedy: `Let "system:serviceaccount:${PORTAL}:nobody", the portal's account on cluster "prod", `,
    },
    {
      mode: 'the account of the portal in one namespace',
      files: ['watcher.yaml', 'service-account-namespaced.yaml'],
      allowed: async () =>
        byToken(await manifests.tokenOf(PORTAL, 'backstage')).client(),
      denied: async () =>
        byToken(await manifests.tokenOf(PORTAL, 'nobody')).client(),
      name: `system:serviceaccount:${PORTAL}:nobody`,
      remedy: `Let "system:serviceaccount:${PORTAL}:nobody", the portal's account on cluster "prod", `,
    },
    {
      mode: 'an impersonated user',
      files: ['watcher.yaml', 'impersonation.yaml', 'users.yaml'],
      allowed: () => impersonating(shop),
      denied: () => impersonating(alone),
      name: 'backstage:default/jane',
      remedy:
        'Ask the administrators of cluster "prod" to let user "backstage:default/jane" ',
    },
    {
      mode: 'a user with a token of their own',
      files: ['users.yaml'],
      allowed: async () => {
        await manifests.put({
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata: { name: `wasi-user-jane-${run}`, namespace: NAMESPACE },
          roleRef: {
            apiGroup: 'rbac.authorization.k8s.io',
            kind: 'ClusterRole',
            name: `wasi-user-${run}`,
          },
          subjects: [
            { kind: 'ServiceAccount', name: 'jane', namespace: NAMESPACE },
          ],
        });
        return withOwnToken('jane');
      },
      denied: () => withOwnToken('joe'),
      name: `system:serviceaccount:${NAMESPACE}:joe`,
      remedy: `Ask the administrators of cluster "prod" to let user "system:serviceaccount:${NAMESPACE}:joe" `,
    },
  ];

  describe.each(modes)(
    'as $mode',
    ({ files, allowed, denied, name, remedy }) => {
      let may: WasmModuleClient;
      let mayNot: WasmModuleClient;

      beforeAll(async () => {
        await manifests.apply(...files);
        may = await allowed();
        mayNot = await denied();
        await settled(() =>
          Promise.all(Object.values(verbs).map(verb => verb(may))),
        );
      });
      afterAll(() => manifests.remove());

      it.each(Object.keys(verbs))('may %s', async verb => {
        await expect(verbs[verb](may)).resolves.not.toThrow();
      });

      it.each(Object.keys(verbs))(
        'may not %s without the role, and is told who and what',
        async verb => {
          await expect(verbs[verb](mayNot)).rejects.toMatchObject({
            code: 'CLUSTER_FORBIDDEN',
            message: expect.stringMatching(
              new RegExp(`User "${name}" ${rights[verb].source}`),
            ),
            remedy: expect.stringContaining(remedy),
          });
        },
      );
    },
  );
});

/** Authorizers read roles from a watch, so what was bound holds a moment later. */
async function settled(attempt: () => Promise<unknown>): Promise<void> {
  for (let left = 200; ; left -= 1) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (left === 0) {
        throw error;
      }
    }
  }
}
