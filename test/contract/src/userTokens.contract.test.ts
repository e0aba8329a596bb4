import { randomBytes } from 'node:crypto';
import { mockCredentials } from '@backstage/backend-test-utils';
import request from 'supertest';
import { Manifests } from './identityManifests';
import { Scene, wasmModule } from './Scene';
import { ENTITY, startPortal } from './startPortal';
import { describeTargets } from './targets';

jest.setTimeout(60_000);

/** A user of the portal, whose token the cluster takes for a service account. */
interface User {
  name: string;
  namespace: string;
  token: string;
}

describeTargets("Users' own tokens at the API server", start => {
  const scene = new Scene();
  let manifests: Manifests;
  let backend: Awaited<ReturnType<typeof startPortal>>;
  let alice: User;
  let bob: User;

  /** A namespace with a module of the entity, and a user who may work there alone. */
  async function settle(name: string, role: string): Promise<User> {
    await scene.enter();
    const { namespace } = scene;
    await scene.send('POST', scene.modules, {
      body: {
        ...wasmModule('pay'),
        metadata: {
          name: 'pay',
          labels: { 'backstage.io/kubernetes-id': 'pay' },
          annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
        },
      },
    });
    await manifests.put({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: role,
      },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    });
    return { name, namespace, token: await manifests.tokenOf(namespace, name) };
  }

  beforeAll(async () => {
    await scene.open(start);
    const run = randomBytes(3).toString('hex');
    manifests = new Manifests(scene.target, run);
    await manifests.put({
      kind: 'Namespace',
      metadata: { name: `functions-${run}` },
    });
    await manifests.apply('users.yaml');
    alice = await settle('alice', `wasi-user-${run}`);
    bob = await settle('bob', `wasi-user-${run}`);
    backend = await startPortal(scene.target, {
      account: { authProvider: 'google' },
      annotations: {
        'wasm.serving.knative.dev/module': [alice, bob]
          .map(({ namespace }) => `one/${namespace}/pay`)
          .join(),
      },
    });
  });

  afterAll(async () => {
    await backend?.stop();
    await manifests.remove();
    await scene.close();
  });

  const call = (
    user: User,
    verb: 'get' | 'patch' | 'delete',
    path: string,
    token = user.token,
  ) =>
    request(backend.server)
      [verb](`${ENTITY}/modules${path}`)
      .set(
        'authorization',
        mockCredentials.user.header(`user:default/${user.name}`),
      )
      .set('wasi-cluster-tokens', `one=${token}`);

  it('show each user the own modules, and whom to ask for the others', async () => {
    for (const [user, other] of [
      [alice, bob],
      [bob, alice],
    ]) {
      const { body } = await call(user, 'get', '?cluster=one');
      expect(
        body.items.map((item: { ref: { namespace: string } }) => item.ref),
      ).toEqual([{ cluster: 'one', namespace: user.namespace, name: 'pay' }]);
      expect(body.items[0].findings).not.toContainEqual(
        expect.objectContaining({ path: 'events' }),
      );
      expect(body.problems).toEqual([
        expect.objectContaining({
          code: 'CLUSTER_FORBIDDEN',
          message: expect.stringContaining(
            `User "system:serviceaccount:${user.namespace}:${user.name}" cannot get`,
          ),
          remedy: expect.stringContaining(`in namespace ${other.namespace}`),
        }),
      ]);
      expect(JSON.stringify(body)).not.toContain(user.token);
    }
  });

  it('that the API server does not take are said to be so, and show nothing that was kept', async () => {
    await call(alice, 'get', '?cluster=one');
    const { body } = await call(alice, 'get', '?cluster=one', 'no-such-token');
    expect(body).toMatchObject({
      items: [],
      problems: [
        {
          code: 'CLUSTER_TOKEN_MISSING',
          message:
            'Cluster "one" does not accept the token of user:default/alice from google.',
        },
      ],
      userTokens: [{ cluster: 'one', provider: 'google', expected: true }],
    });
  });

  it('write where the user may, and read it back at once', async () => {
    const path = `/one/${alice.namespace}/pay`;
    const patch = { spec: { args: ['one'] } };

    expect((await call(bob, 'patch', path).send(patch)).status).toBe(403);
    expect((await call(alice, 'patch', path).send(patch)).status).toBe(200);
    expect((await call(alice, 'get', path)).body.module.spec.args).toEqual([
      'one',
    ]);
    const logs = await call(alice, 'get', `${path}/logs`);
    expect(logs.body).toEqual({ lines: [] });
  });
});
