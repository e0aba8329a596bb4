import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  call,
  KubeApiserver,
  kubeApiserverAssets,
  startFaultyProxy,
  type Answer,
} from '@wasi-functions/local-platform/testing';
import { Portal, until } from './Portal';

// Each takes seconds on an idle machine; a server that starts takes the most of them.
jest.setTimeout(90_000);

const MODULES =
  '/apis/wasm.serving.knative.dev/v1alpha1/namespaces/default/wasmmodules';
const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const FLOW_CONTROL = '/apis/flowcontrol.apiserver.k8s.io/v1';
const MERGE = 'application/merge-patch+json';

/** A share of the API server in which nothing runs beside anything else. */
const noSeats = {
  metadata: { name: 'none' },
  spec: {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: 0,
      lendablePercent: 0,
      borrowingLimitPercent: 0,
      limitResponse: { type: 'Reject' },
    },
  },
};
const forThePortal = {
  metadata: { name: 'portal' },
  spec: {
    priorityLevelConfiguration: { name: 'none' },
    matchingPrecedence: 2,
    rules: [
      {
        subjects: [
          {
            kind: 'ServiceAccount',
            serviceAccount: { name: 'portal', namespace: 'default' },
          },
        ],
        resourceRules: [
          {
            verbs: ['*'],
            apiGroups: ['*'],
            resources: ['*'],
            namespaces: ['*'],
            clusterScope: true,
          },
        ],
      },
    ],
  },
};

type Proxy = Awaited<ReturnType<typeof startFaultyProxy>>;

(kubeApiserverAssets ? describe : describe.skip)(
  'what the portal knows of a cluster (tool: KUBEBUILDER_ASSETS)',
  () => {
    let api: KubeApiserver;
    let line: Proxy;
    let portal: Portal;
    let count = 0;

    const send = async (
      method: string,
      path: string,
      body?: unknown,
      contentType?: string,
    ): Promise<Answer> => {
      const answer = await call(api, method, path, { body, contentType });
      if (answer.code >= 300) {
        throw new Error(`${method} ${path}: ${answer.body.message}`);
      }
      return answer.body;
    };

    const create = (name: string) =>
      send('POST', MODULES, {
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: { name },
        spec: { image: 'localhost:5000/pay:1' },
      });
    const change = (name: string) =>
      send(
        'PATCH',
        `${MODULES}/${name}`,
        { spec: { args: [String(count++)] } },
        MERGE,
      );
    const remove = (name: string) => send('DELETE', `${MODULES}/${name}`);

    /** One module that comes, one that changes and one that goes. */
    const happen = async () => {
      await create('comes');
      await change('changes');
      await remove('goes');
    };

    /** As a list tells them that no cache had a part in. */
    const truth = async () => {
      const { items } = await send('GET', MODULES);
      return Object.fromEntries(
        items
          .map(({ metadata }: WasmModule) => [
            metadata.name,
            metadata.resourceVersion,
          ])
          .sort(),
      );
    };

    const expectRight = async () => {
      const wanted = await truth();
      await until(
        () => JSON.stringify(portal.modules) === JSON.stringify(wanted),
      );
      await until(() => portal.problem === undefined);
      expect(portal.modules).toEqual(wanted);
    };

    const newToken = async (): Promise<string> => {
      const { status } = await send('POST', `${ACCOUNTS}/portal/token`, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: 600 },
      });
      return status.token;
    };

    const direct = () => ({
      server: api.server,
      caCertificate: api.caCertificate,
    });

    const connection = async () => ({
      server: line.url,
      caCertificate: line.ca,
      token: await newToken(),
    });

    beforeAll(async () => {
      api = await KubeApiserver.start();
      await send('POST', `${RBAC}/clusterroles`, {
        metadata: { name: 'portal' },
        rules: [
          {
            apiGroups: ['wasm.serving.knative.dev'],
            resources: ['wasmmodules'],
            verbs: ['get', 'list', 'watch', 'patch'],
          },
          {
            apiGroups: [''],
            resources: ['events', 'pods'],
            verbs: ['get', 'list', 'watch'],
          },
          {
            apiGroups: ['serving.knative.dev'],
            resources: ['services', 'revisions'],
            verbs: ['get', 'list', 'watch'],
          },
        ],
      });
      await send('POST', `${RBAC}/clusterrolebindings`, {
        metadata: { name: 'portal' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'portal',
        },
        subjects: [
          { kind: 'ServiceAccount', name: 'portal', namespace: 'default' },
        ],
      });
    });

    afterAll(async () => {
      await api?.close();
    });

    beforeEach(async () => {
      await send('POST', ACCOUNTS, { metadata: { name: 'portal' } });
      for (const name of Object.keys(await truth())) {
        await remove(name);
      }
      await create('stays');
      await create('changes');
      await create('goes');
      line = await startFaultyProxy(api);
      portal = new Portal(await connection());
      await expectRight();
    });

    afterEach(async () => {
      await portal.close();
      await line.close();
      await send('DELETE', `${ACCOUNTS}/portal`);
    });

    it('stays while the API server is killed, and is right once it is back', async () => {
      const before = portal.modules;
      await api.killApi();
      await until(() => portal.problem !== undefined);

      expect(portal.problem).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
      expect(portal.modules).toEqual(before);
      await expect(portal.client.list()).rejects.toMatchObject({
        code: 'CLUSTER_UNREACHABLE',
      });

      await api.startApi();
      await happen();
      await expectRight();
    });

    it('stays while etcd stands still, and says that the cluster does not answer', async () => {
      const before = portal.modules;
      api.pauseEtcd();
      try {
        await until(() => portal.problem !== undefined);

        expect(portal.problem).toMatchObject({
          code: expect.stringMatching(/^CLUSTER_/),
        });
        expect(portal.modules).toEqual(before);
      } finally {
        api.resumeEtcd();
      }
      await until(() => portal.problem === undefined);
      await happen();
      await expectRight();
    });

    it('loses nothing where a watch is cut in the middle of a line', async () => {
      let cuts = 0;
      line.fault = ({ isWatch, pass, response }) =>
        pass(chunk => {
          if (isWatch && cuts < 5 && chunk.includes('"comes"')) {
            cuts++;
            response.write(chunk.subarray(0, chunk.length / 2));
            response.destroy();
            return false;
          }
          return true;
        });
      line.cut();
      await happen();
      await expectRight();

      expect(cuts).toBeGreaterThan(1);
    });

    it('is listed anew where the version it comes from was compacted away', async () => {
      const lists = () =>
        line.seen.filter(
          path => path.includes('wasmmodules') && !path.includes('watch=true'),
        ).length;
      line.fault = ({ response }) => response.destroy();
      line.cut();
      await until(() => portal.problem !== undefined);
      await happen();
      const { metadata } = await send('GET', MODULES);
      const compaction = await fetch(`${api.etcdServer}/v3/kv/compaction`, {
        method: 'POST',
        body: JSON.stringify({
          revision: metadata.resourceVersion,
          physical: true,
        }),
      });
      expect(compaction.status).toBe(200);
      // What the API server still has in memory, it would tell.
      await api.killApi();
      await api.startApi();
      const before = lists();
      line.heal();
      await expectRight();

      expect(lists()).toBeGreaterThan(before);
    });

    it('waits as long as a busy API server asks it to', async () => {
      await send(
        'POST',
        `${FLOW_CONTROL}/prioritylevelconfigurations`,
        noSeats,
      );
      await send('POST', `${FLOW_CONTROL}/flowschemas`, forThePortal);
      const asPortal = { ...direct(), adminToken: await newToken() };
      // Of them there is one reader alone, so that it can be told when it comes again.
      const refused = () =>
        line.answered.filter(
          ({ path, status }) =>
            status === 429 && path.startsWith('/api/v1/events?limit'),
        );
      // Let in as nobody else is there, it stays as long as etcd does not answer.
      await call(asPortal, 'GET', `${MODULES}/stays`);
      api.pauseEtcd();
      const hanging = call(asPortal, 'GET', `${MODULES}/stays`);
      try {
        line.cut();
        await until(() => portal.problem?.code === 'CLUSTER_BUSY');
        await until(() => refused().length > 1);
      } finally {
        api.resumeEtcd();
        await hanging;
        await send('DELETE', `${FLOW_CONTROL}/flowschemas/portal`);
      }
      await happen();
      await expectRight();

      const [first, second] = refused();
      expect(second.at - first.at).toBeGreaterThanOrEqual(1_000);
    });

    it('survives a burst of internal errors', async () => {
      let errors = 0;
      line.fault = ({ pass, response }) => {
        if (errors < 30) {
          errors++;
          response.writeHead(500, { 'content-type': 'application/json' });
          response.end(
            JSON.stringify({
              kind: 'Status',
              code: 500,
              reason: 'InternalError',
              message: 'etcdserver: leader changed',
            }),
          );
        } else {
          pass();
        }
      };
      line.cut();
      await happen();
      await expectRight();

      expect(errors).toBe(30);
    });

    it('says that its token was revoked, and takes the next one from the kubeconfig', async () => {
      const before = portal.modules;
      // Tokens are of the account that they were made for, not of its name.
      await send('DELETE', `${ACCOUNTS}/portal`);
      await send('POST', ACCOUNTS, { metadata: { name: 'portal' } });
      // What it remembers of tokens for ten seconds, it forgets.
      await api.killApi();
      await api.startApi();
      await until(() => portal.problem?.code === 'CLUSTER_UNAUTHENTICATED');
      expect(portal.modules).toEqual(before);

      await happen();
      portal.connect(await connection());
      await expectRight();
    });

    it('says that it may not list any more, and goes on once it may', async () => {
      const binding = await send('GET', `${RBAC}/clusterrolebindings/portal`);
      await send('DELETE', `${RBAC}/clusterrolebindings/portal`);
      line.cut();
      await until(() => portal.problem !== undefined);
      expect(portal.problem).toMatchObject({ code: 'CLUSTER_FORBIDDEN' });

      await happen();
      delete binding.metadata.resourceVersion;
      delete binding.metadata.uid;
      await send('POST', `${RBAC}/clusterrolebindings`, binding);
      await expectRight();
    });
  },
);
