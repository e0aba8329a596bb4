import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import {
  createClusters,
  readWasiConfig,
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
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/** `verb group/resource[/subresource][ namespace][ =name]`. */
function attributesOf(right: string) {
  const [verb, path, ...rest] = right.split(' ');
  const [group, resource, ...subresource] = path.split('/');
  const name = rest.find(word => word.startsWith('='))?.slice(1);
  const namespace = rest.find(word => !word.startsWith('='));
  return {
    verb,
    group: group === 'core' ? '' : group,
    resource,
    subresource: subresource.join('/'),
    ...(namespace && { namespace: `${namespace}-${run}` }),
    ...(name && { name }),
  };
}

const MODULES = 'wasm.serving.knative.dev/wasmmodules';

/** What no mode of the portal needs. */
const NEVER = [
  'get core/secrets functions',
  'list core/secrets',
  'get core/configmaps functions',
  'create core/pods functions',
  'create core/pods/exec functions',
  'get core/pods/exec functions',
  'create core/namespaces',
  'create core/serviceaccounts/token backstage =backstage',
  `deletecollection ${MODULES} functions`,
  `update ${MODULES}/status functions`,
  'create rbac.authorization.k8s.io/clusterrolebindings',
  'list apiextensions.k8s.io/customresourcedefinitions',
  'create serving.knative.dev/services functions',
  'list core/nodes',
  'impersonate core/users =admin',
  'impersonate core/groups =system:masters',
  'impersonate core/serviceaccounts kube-system =default',
];

const WRITES = [
  ...['create', 'update', 'patch', 'delete'].map(verb => `${verb} ${MODULES}`),
  // Before each of them.
  'list core/resourcequotas',
];
const READS = [
  `get ${MODULES}`,
  `list ${MODULES}`,
  `watch ${MODULES}`,
  'list serving.knative.dev/services',
  'watch serving.knative.dev/services',
  'list serving.knative.dev/revisions',
  'watch serving.knative.dev/revisions',
  'list core/events',
  'watch core/events',
  'list core/pods',
  'get core/pods/log',
];
const inFunctions = (right: string) => `${right} functions`;
const elsewhere = (right: string) => `${right} other`;

describeTargets('the roles of deploy/rbac', start => {
  let target: KubernetesTarget;
  let manifests: Manifests;

  beforeAll(async () => {
    target = await start();
    manifests = new Manifests(target, run);
    await manifests.put({ kind: 'Namespace', metadata: { name: NAMESPACE } });
  }, 120_000);
  afterEach(() => manifests.remove());
  afterAll(() => target.close(), 60_000);

  async function mayOf(headers: Record<string, string | string[]> = {}) {
    const adminToken = await manifests.tokenOf(PORTAL, 'backstage');
    return async (right: string): Promise<boolean> => {
      const { code, body } = await call(
        { ...target, adminToken },
        'POST',
        REVIEWS,
        {
          body: { spec: { resourceAttributes: attributesOf(right) } },
          headers: headers as Record<string, string>,
        },
      );
      return code === 201 && body.status.allowed;
    };
  }

  /** Asks again where a right that was just bound has not reached the authorizer. */
  async function answers(
    may: (right: string) => Promise<boolean>,
    allowed: string[],
    denied: string[],
  ) {
    for (const right of allowed) {
      for (let left = 200; left > 0 && !(await may(right)); left -= 1);
    }
    const granted: string[] = [];
    for (const right of [...allowed, ...denied]) {
      if (await may(right)) {
        granted.push(right);
      }
    }
    return granted;
  }

  it.each([
    {
      files: ['watcher.yaml'],
      allowed: READS,
      denied: [...WRITES.map(inFunctions), ...NEVER],
    },
    {
      files: ['watcher-namespaced.yaml'],
      allowed: READS.map(inFunctions),
      denied: [
        ...READS,
        ...READS.map(elsewhere),
        ...WRITES.map(inFunctions),
        ...NEVER,
      ],
    },
    {
      files: ['watcher.yaml', 'service-account.yaml'],
      allowed: [...READS, ...WRITES],
      denied: NEVER,
    },
    {
      files: ['watcher.yaml', 'service-account-namespaced.yaml'],
      allowed: [...READS, ...WRITES.map(inFunctions)],
      denied: [...WRITES, ...WRITES.map(elsewhere), ...NEVER],
    },
    {
      files: ['watcher.yaml', 'workloads.yaml'],
      allowed: ['get', 'create', 'patch'].flatMap(verb => [
        `${verb} apps/deployments functions`,
        `${verb} networking.k8s.io/networkpolicies functions`,
      ]),
      denied: [
        'create apps/deployments other',
        'delete apps/deployments functions',
        ...WRITES.map(inFunctions),
        ...NEVER,
      ],
    },
    {
      files: ['watcher.yaml', 'impersonation.yaml', 'users.yaml'],
      allowed: [
        ...READS,
        'impersonate core/users =backstage:default/jane',
        'impersonate core/groups =backstage:default/shop',
      ],
      denied: [
        ...WRITES.map(inFunctions),
        'impersonate core/users =backstage:default/joe',
        'impersonate core/groups =backstage:default/admins',
        'impersonate authentication.k8s.io/userextras/backstage.io/entity-ref =user:default/jane',
        ...NEVER,
      ],
    },
  ])('$files: all that is needed, and no more', async row => {
    await manifests.apply(...row.files);

    expect(await answers(await mayOf(), row.allowed, row.denied)).toEqual(
      row.allowed,
    );
  });

  it('users.yaml: a user does so in the namespaces of the group, and no more', async () => {
    await manifests.apply('watcher.yaml', 'impersonation.yaml', 'users.yaml');
    const allowed = [
      ...WRITES.map(inFunctions),
      `get ${MODULES} functions`,
      `list ${MODULES} functions`,
      `watch ${MODULES} functions`,
      'list core/events functions',
      'list serving.knative.dev/services functions',
      'list serving.knative.dev/revisions functions',
      'list core/pods functions',
      'get core/pods/log functions',
    ];
    const jane = await mayOf({
      'impersonate-user': 'backstage:default/jane',
      'impersonate-group': 'backstage:default/shop',
    });

    expect(
      await answers(jane, allowed, [
        ...WRITES.map(elsewhere),
        ...WRITES,
        ...NEVER,
      ]),
    ).toEqual(allowed);
  });

  it('impersonation.yaml: whom it does not name the portal cannot act as', async () => {
    await manifests.apply('watcher.yaml', 'impersonation.yaml');
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
                authProvider: 'serviceAccount',
                serviceAccountToken: await manifests.tokenOf(
                  PORTAL,
                  'backstage',
                ),
              },
            ],
          },
        ],
      },
      wasi: { identity: { mode: 'impersonate' } },
    });
    const clusters = createClusters(config, readWasiConfig(config));
    const read = (user: string, groups: string[]) =>
      clusters
        .client('prod', { user, groups })
        .get({ namespace: NAMESPACE, name: 'any' });

    await expect(read('user:default/joe', [])).rejects.toMatchObject({
      code: 'CLUSTER_IMPERSONATION_FORBIDDEN',
      message: expect.stringContaining('"backstage:default/joe"'),
    });
    await expect(
      read('user:default/jane', ['group:default/admins']),
    ).rejects.toMatchObject({ code: 'CLUSTER_IMPERSONATION_FORBIDDEN' });
    expect(clusters.identity('prod')).toEqual({
      kind: 'service-account',
      name: `system:serviceaccount:${PORTAL}:backstage`,
    });
  });

  it('a token that the API server has ended is read again from its file', async () => {
    await manifests.apply('watcher.yaml', 'service-account.yaml');
    const directory = await mkdtemp(join(tmpdir(), 'wasi-token-'));
    try {
      const account = `/api/v1/namespaces/${PORTAL}/serviceaccounts/backstage`;
      const token = join(directory, 'token');
      const first = await manifests.tokenOf(PORTAL, 'backstage');
      await writeFile(token, first);
      await writeFile(
        join(directory, 'kubeconfig'),
        JSON.stringify(
          {
            clusters: [
              {
                name: 'prod',
                cluster: {
                  server: target.server,
                  'certificate-authority-data': Buffer.from(
                    target.caCertificate,
                  ).toString('base64'),
                },
              },
            ],
            contexts: [
              { name: 'prod', context: { cluster: 'prod', user: 'u' } },
            ],
            users: [{ name: 'u', user: { tokenFile: 'token' } }],
            'current-context': 'prod',
          },
          undefined,
          2,
        ),
      );
      const config = new ConfigReader({
        wasi: { kubeconfig: join(directory, 'kubeconfig') },
      });
      const client = createClusters(config, readWasiConfig(config)).client();
      const list = () => client.list({ namespace: NAMESPACE });
      await expect(list()).resolves.toMatchObject({ rejected: [] });

      // Its tokens are bound to the account, which is another one from here on.
      await call(target, 'DELETE', account);
      const second = await manifests.tokenOf(PORTAL, 'backstage');
      // The API server remembers for some seconds whom it has let in.
      const isLetIn = async () => {
        const { code } = await call(
          { ...target, adminToken: first },
          'GET',
          '/apis',
        );
        return code !== 401;
      };
      while (await isLetIn());
      await writeFile(token, second);

      await expect(list()).resolves.toMatchObject({ rejected: [] });
    } finally {
      await rm(directory, { recursive: true });
    }
  }, 60_000);
});
