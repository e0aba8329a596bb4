import { ConfigReader } from '@backstage/config';
import { readWasiConfig } from '../config';
import {
  startKubernetesServer,
  type ScriptedAnswer,
  type SeenRequest,
} from '../testing/startKubernetesServer';
import { hello, ref } from './__testUtils__/useClusters';
import { ConfiguredClusters } from './ConfiguredClusters';
import { locateClusters } from './locateClusters';
import { PortalClusters } from './PortalClusters';

const jane = { user: 'user:default/jane', groups: [] };

const listed = (...items: object[]) => ({ json: { items } });

describe('clusters that the Kubernetes plugin of the portal knows', () => {
  const ends: (() => Promise<void> | void)[] = [];

  afterEach(async () => {
    await Promise.all(ends.splice(0).map(end => end()));
  });

  /** A portal whose Kubernetes plugin answers as told, asked every few milliseconds. */
  async function open(
    methods: object[],
    answer: (request: SeenRequest) => ScriptedAnswer,
    identity?: object,
  ) {
    const plugin = await startKubernetesServer(answer);
    const portal: any = {
      auth: {
        getOwnServiceCredentials: async () => ({}),
        getPluginRequestToken: async ({ targetPluginId }: any) => ({
          token: `for-${targetPluginId}`,
        }),
      },
      discovery: { getBaseUrl: async () => `${plugin.url}/api/kubernetes` },
      lifecycle: { addShutdownHook: (hook: () => void) => ends.push(hook) },
      logger: { info() {}, warn() {}, debug() {} },
    };
    ends.push(plugin.close);
    const config = new ConfigReader({
      kubernetes: { clusterLocatorMethods: methods },
      wasi: { identity },
    } as any);
    const wasiConfig = readWasiConfig(config);
    const clusters = new ConfiguredClusters(
      locateClusters(config, wasiConfig),
      {
        identity: wasiConfig.identity,
        access: {
          portal,
          clusters: new PortalClusters(portal, { everyMs: 5 }),
        },
      },
    );
    const changed = () =>
      new Promise<void>(resolve => {
        const stop = clusters.onChange(() => {
          stop();
          resolve();
        });
      });
    return { clusters, changed, requests: plugin.requests };
  }

  const isList = (request: SeenRequest) =>
    request.path === '/api/kubernetes/clusters';

  it('come and go as it names them, beside those of the configuration', async () => {
    let answer = listed({ name: 'gke-1', title: 'One', authProvider: 'aws' });
    const { clusters, changed, requests } = await open(
      [
        {
          type: 'config',
          clusters: [
            {
              name: 'own',
              url: 'https://k.example',
              authProvider: 'serviceAccount',
              serviceAccountToken: 't',
            },
          ],
        },
        { type: 'gke', projectId: 'p' },
      ],
      () => answer,
    );
    expect(clusters.names().map(({ name }) => name)).toEqual([
      'own',
      'clusterLocatorMethods[1]',
    ]);

    await changed();

    expect(clusters.names()).toEqual([
      { name: 'own' },
      { name: 'gke-1', title: 'One' },
    ]);
    expect(requests[0].headers.authorization).toBe('Bearer for-kubernetes');
    const before = clusters.client('gke-1');

    answer = listed(
      { name: 'gke-1', title: 'One', authProvider: 'aws' },
      { name: 'gke-2', authProvider: 'aws' },
    );
    await changed();
    expect(clusters.names().map(({ name }) => name)).toEqual([
      'own',
      'gke-1',
      'gke-2',
    ]);
    expect(clusters.client('gke-1')).toBe(before);

    answer = listed();
    await changed();
    expect(clusters.names()).toEqual([{ name: 'own' }]);
    expect(() => clusters.client('gke-1')).toThrow(
      'There is no cluster "gke-1"; there is: own.',
    );
  });

  it('stay as they were while it cannot be asked, and are a problem before it was', async () => {
    let answer: ScriptedAnswer = { status: 404 };
    const { clusters, changed, requests } = await open(
      [{ type: 'catalog' }],
      () => answer,
    );
    await changed();
    expect(clusters.names()).toMatchObject([
      {
        name: 'clusterLocatorMethods[0]',
        problem: {
          message: 'The Kubernetes plugin of the portal is not installed.',
        },
      },
    ]);

    answer = listed({ name: 'found', authProvider: 'serviceAccount' });
    await changed();
    answer = { status: 503 };
    const asked = requests.length;
    while (requests.length < asked + 3) {
      await new Promise(resolve => setImmediate(resolve));
    }

    expect(clusters.names()).toEqual([{ name: 'found' }]);
  });

  it('are called through it, as the user where users are impersonated', async () => {
    const { clusters, changed, requests } = await open(
      [{ type: 'catalog' }],
      request =>
        isList(request)
          ? listed({ name: 'found', authProvider: 'aws' })
          : { json: hello },
      { mode: 'impersonate' },
    );
    await changed();

    await clusters.client('found', jane).get(ref);

    expect(requests.find(request => !isList(request))).toMatchObject({
      path: '/api/kubernetes/proxy/apis/wasm.serving.knative.dev/v1alpha1/namespaces/shop/wasmmodules/hello',
      headers: {
        authorization: 'Bearer for-kubernetes',
        'backstage-kubernetes-cluster': 'found',
        'impersonate-user': 'backstage:default/jane',
      },
    });
  });

  it('are called with the token of the user where they take no other, and never without', async () => {
    const { clusters, changed, requests } = await open(
      [{ type: 'catalog' }],
      request =>
        isList(request)
          ? listed({
              name: 'found',
              authProvider: 'oidc',
              oidcTokenProvider: 'okta',
            })
          : { json: hello },
    );
    await changed();
    expect(clusters.names()).toMatchObject([
      {
        name: 'found',
        userTokens: 'oidc.okta',
        problem: { code: 'CLUSTER_TOKEN_MISSING' },
      },
    ]);

    await clusters
      .client('found', { ...jane, tokens: { found: 'janes', other: 'x' } })
      .get(ref);

    expect(requests.find(request => !isList(request))!.headers).toMatchObject({
      'backstage-kubernetes-authorization-oidc-okta': 'janes',
    });
    expect(() => clusters.client('found')).toThrow(
      'Cluster "found" takes only tokens of users (oidc.okta), so that its modules are not followed.',
    );
    expect(() =>
      clusters.client('found', { ...jane, tokens: { other: 'x' } }),
    ).toThrow(
      'Cluster "found" takes only tokens of users, and user:default/jane sent none of oidc.okta.',
    );
    expect(clusters.identity('found', jane)).toEqual({ kind: 'user-token' });
  });

  it.each([
    [
      { name: 'NotAllowedError', message: 'Unauthorized' },
      403,
      'CLUSTER_UNAUTHENTICATED',
    ],
    [
      { name: 'NotFoundError', message: "Cluster 'found' not found" },
      404,
      'CLUSTER_NOT_CONFIGURED',
    ],
    [
      {
        name: 'ForwardedError',
        message:
          "Cluster 'found' request error; caused by Error: connect ECONNREFUSED 10.1.2.3:6443",
      },
      500,
      'CLUSTER_UNREACHABLE',
    ],
  ])(
    'tell what the plugin refuses from what the cluster refuses: %j',
    async (error, status, code) => {
      const { clusters, changed } = await open([{ type: 'catalog' }], request =>
        isList(request)
          ? listed({ name: 'found', authProvider: 'aws' })
          : { status, json: { error } },
      );
      await changed();

      const failure = await clusters
        .client('found')
        .get(ref)
        .then(
          () => undefined,
          reason => reason,
        );

      expect(failure).toMatchObject({ code });
      expect(failure.message).not.toContain('10.1.2.3');
    },
  );
});
