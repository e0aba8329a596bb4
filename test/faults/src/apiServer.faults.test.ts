import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import {
  call,
  kubeApiserverAssets,
} from '@wasi-functions/local-platform/testing';
import { ClientAuthority, type ClientCertificate } from './ClientAuthority';
import { CredentialPlugin } from './CredentialPlugin';
import { CERTIFIED_USER, FaultyCluster } from './FaultyCluster';
import { KubeconfigFile } from './KubeconfigFile';
import { Portal } from './Portal';
import { until } from './until';

// Each takes seconds on an idle machine; a server that starts takes the most of them.
jest.setTimeout(90_000);

const MODULES =
  '/apis/wasm.serving.knative.dev/v1alpha1/namespaces/default/wasmmodules';
const FLOW_CONTROL = '/apis/flowcontrol.apiserver.k8s.io/v1';

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

(kubeApiserverAssets ? describe : describe.skip)(
  'what the portal knows of a cluster (tool: KUBEBUILDER_ASSETS)',
  () => {
    let clients: ClientAuthority;
    let cluster: FaultyCluster;
    let file: KubeconfigFile;
    let portal: Portal;

    const expectRight = async () => {
      const wanted = await cluster.truth();
      await until(
        () => JSON.stringify(portal.modules) === JSON.stringify(wanted),
      );
      await until(() => portal.problem === undefined);
      expect(portal.modules).toEqual(wanted);
    };

    beforeAll(async () => {
      clients = await ClientAuthority.create();
      cluster = await FaultyCluster.start({ clients });
    });

    afterAll(async () => {
      await cluster?.close();
    });

    beforeEach(async () => {
      await cluster.begin();
      file = new KubeconfigFile();
      file.connect(await cluster.connection());
      portal = new Portal(file);
      await expectRight();
    });

    afterEach(async () => {
      await portal.close();
      file.remove();
      await cluster.end();
    });

    it('stays while the API server is killed, and is right once it is back', async () => {
      const before = portal.modules;
      await cluster.api.killApi();
      await until(() => portal.problem !== undefined);

      expect(portal.problem).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
      expect(portal.modules).toEqual(before);
      await expect(portal.client.list()).rejects.toMatchObject({
        code: 'CLUSTER_UNREACHABLE',
      });

      await cluster.api.startApi();
      await cluster.happen();
      await expectRight();
    });

    it('stays while etcd stands still, and says that the cluster does not answer', async () => {
      const before = portal.modules;
      cluster.api.pauseEtcd();
      try {
        await until(() => portal.problem !== undefined);

        expect(portal.problem).toMatchObject({
          code: expect.stringMatching(/^CLUSTER_/),
        });
        expect(portal.modules).toEqual(before);
      } finally {
        cluster.api.resumeEtcd();
      }
      await until(() => portal.problem === undefined);
      await cluster.happen();
      await expectRight();
    });

    it('loses nothing where a watch is cut in the middle of a line', async () => {
      let cuts = 0;
      cluster.line.fault = ({ isWatch, pass, response }) =>
        pass(chunk => {
          if (isWatch && cuts < 5 && chunk.includes('"comes"')) {
            cuts++;
            response.write(chunk.subarray(0, chunk.length / 2));
            response.destroy();
            return false;
          }
          return true;
        });
      cluster.line.cut();
      await cluster.happen();
      await expectRight();

      expect(cuts).toBeGreaterThan(1);
    });

    it('is listed anew where the version it comes from was compacted away', async () => {
      const lists = () =>
        cluster.line.seen.filter(
          path => path.includes('wasmmodules') && !path.includes('watch=true'),
        ).length;
      cluster.line.fault = ({ response }) => response.destroy();
      cluster.line.cut();
      await until(() => portal.problem !== undefined);
      await cluster.happen();
      await cluster.compact();
      await cluster.restart();
      const before = lists();
      cluster.line.heal();
      await expectRight();

      expect(lists()).toBeGreaterThan(before);
    });

    it('waits as long as a busy API server asks it to', async () => {
      await cluster.send(
        'POST',
        `${FLOW_CONTROL}/prioritylevelconfigurations`,
        noSeats,
      );
      await cluster.send('POST', `${FLOW_CONTROL}/flowschemas`, forThePortal);
      const { server, caCertificate } = cluster.api;
      const asPortal = {
        server,
        caCertificate,
        adminToken: await cluster.newToken(),
      };
      // Of them there is one reader alone, so that it can be told when it comes again.
      const refused = () =>
        cluster.line.answered.filter(
          ({ path, status }) =>
            status === 429 && path.startsWith('/api/v1/events?limit'),
        );
      // Let in as nobody else is there, it stays as long as etcd does not answer.
      await call(asPortal, 'GET', `${MODULES}/stays`);
      cluster.api.pauseEtcd();
      const hanging = call(asPortal, 'GET', `${MODULES}/stays`);
      try {
        cluster.line.cut();
        await until(() => portal.problem?.code === 'CLUSTER_BUSY');
        await until(() => refused().length > 1);
      } finally {
        cluster.api.resumeEtcd();
        await hanging;
        await cluster.send('DELETE', `${FLOW_CONTROL}/flowschemas/portal`);
      }
      await cluster.happen();
      await expectRight();

      const [first, second] = refused();
      expect(second.at - first.at).toBeGreaterThanOrEqual(1_000);
    });

    it('survives a burst of internal errors', async () => {
      let errors = 0;
      cluster.line.fault = ({ pass, response }) => {
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
      cluster.line.cut();
      await cluster.happen();
      await expectRight();

      expect(errors).toBe(30);
    });

    it('says that its token was revoked, and takes the next one from the kubeconfig', async () => {
      const before = portal.modules;
      await cluster.revokeTokens();
      await cluster.restart();
      await until(() => portal.problem?.code === 'CLUSTER_UNAUTHENTICATED');
      expect(portal.modules).toEqual(before);

      await cluster.happen();
      file.connect(await cluster.connection());
      await expectRight();
    });

    it('takes the next client certificate of its credential plugin when one ends before its time', async () => {
      await portal.close();
      const short = await clients.issue(CERTIFIED_USER, 4_000);
      const next = await clients.issue(CERTIFIED_USER, 600_000);
      const plugin = new CredentialPlugin(file, cluster.api);
      const problems: (string | undefined)[] = [];
      plugin.handOut(short);
      portal = new Portal(file, {
        onProblem: () => problems.push(portal.problem?.code),
      });
      await expectRight();

      plugin.handOut(next);
      await until(() => Date.now() > short.endsAt + 1_000);
      expect(await statusFor(cluster.api, short)).toBe(401);
      expect(await statusFor(cluster.api, next)).toBe(200);
      const { items } = await portal.client.list();
      expect(items).toHaveLength(3);
      await cluster.happen();
      await expectRight();
      expect(problems).toEqual([undefined]);
    });

    it('says that its client certificate has ended where there is no other', async () => {
      await portal.close();
      const short = await clients.issue(CERTIFIED_USER, 3_000);
      const plugin = new CredentialPlugin(file, cluster.api);
      plugin.handOut(short);
      portal = new Portal(file);
      await expectRight();
      const before = portal.modules;
      await until(() => portal.problem !== undefined);
      expect(portal.problem).toMatchObject({ code: 'CLUSTER_UNAUTHENTICATED' });
      expect(portal.modules).toEqual(before);

      plugin.handOut(await clients.issue(CERTIFIED_USER, 600_000));
      await expectRight();
    });

    it('says that it may not list any more, and goes on once it may', async () => {
      await cluster.withdraw();
      cluster.line.cut();
      await until(() => portal.problem !== undefined);
      expect(portal.problem).toMatchObject({ code: 'CLUSTER_FORBIDDEN' });

      await cluster.happen();
      await cluster.grant();
      await expectRight();
    });

    it('says so also while the watch that was let in goes on, and does not ask in a loop', async () => {
      const asked = () =>
        cluster.line.seen.filter(
          path => path.includes('wasmmodules') && !/limit=1(&|$)/.test(path),
        ).length;
      const before = portal.modules;
      await cluster.withdraw();
      await until(() => portal.problem !== undefined);
      expect(portal.problem).toMatchObject({ code: 'CLUSTER_FORBIDDEN' });

      await cluster.happen();
      expect(portal.modules).toEqual(before);
      await cluster.grant();
      await expectRight();
      const asksBefore = asked();
      await cluster.change('stays');
      await expectRight();
      expect(asked() - asksBefore).toBeLessThanOrEqual(2);
    });
  },
);

/** What the API server answers to whom has this certificate. */
async function statusFor(
  { server, caCertificate }: { server: string; caCertificate: string },
  { certificate, key }: ClientCertificate,
): Promise<number | undefined> {
  const sent = request(`${server}${MODULES}`, {
    ca: caCertificate,
    cert: certificate,
    key,
    agent: false,
  }).end();
  const [answer]: [IncomingMessage] = (await once(sent, 'response')) as never;
  answer.resume();
  return answer.statusCode;
}
