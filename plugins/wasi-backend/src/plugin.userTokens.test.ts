import { ConfigReader } from '@backstage/config';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createClusters,
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import request from 'supertest';
import { startWasiBackend } from './__testUtils__/startWasiBackend';
import { TokenApiServer } from './__testUtils__/TokenApiServer';

const image = `localhost:5000/pay@sha256:${'a'.repeat(64)}`;
// New ones for each test, for answers are kept for a moment.
let ALICE: string;
let BOB: string;
let CAROL: string;
let run = 0;
const SECRETS = /secret-token/;

function entity(name: string, annotations?: Record<string, string>): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default', annotations },
  };
}

const entities = [
  entity('pay', {
    'wasm.serving.knative.dev/module': 'gke/team-a/pay, gke/team-b/pay',
  }),
  entity('open'),
  entity('elsewhere', { 'wasm.serving.knative.dev/module': 'okta/team-a/pay' }),
  entity('selecting', {
    'backstage.io/kubernetes-label-selector': 'tier=backend',
    'backstage.io/kubernetes-namespace': 'team-a',
    'backstage.io/kubernetes-cluster': 'gke',
  }),
];

function wasmModule(
  namespace: string,
  name: string,
  more: Partial<WasmModule> & { owner?: string } = {},
): WasmModule {
  const { owner = 'pay', ...rest } = more;
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: {
      namespace,
      name,
      uid: 'u1',
      resourceVersion: '5',
      labels: { 'backstage.io/kubernetes-id': owner, tier: 'backend' },
      annotations: { 'backstage.io/entity-ref': `component:default/${owner}` },
    },
    spec: { image },
    ...rest,
  };
}

const modulesOf = (name: string) =>
  `/api/wasi/v1/entities/component/default/${name}/modules`;
const names = (body: { items: { ref: { namespace: string } }[] }) =>
  body.items.map(({ ref }) => ref.namespace);

describe("clusters that take only users' own tokens", () => {
  const gke = new TokenApiServer();
  const okta = new TokenApiServer();
  const logged: unknown[] = [];
  let server: Awaited<ReturnType<typeof startWasiBackend>>['server'];
  let stop: () => Promise<unknown>;

  const call = (
    user: string,
    verb: 'get' | 'post' | 'delete' | 'patch',
    path: string,
    tokens?: string,
  ) => {
    const asked = request(server)
      [verb](path)
      .set(
        'authorization',
        mockCredentials.user.header(`user:default/${user}`),
      );
    return tokens === undefined
      ? asked
      : asked.set('wasi-cluster-tokens', tokens);
  };
  const list = (user: string, tokens?: string, query = '?cluster=gke') =>
    call(user, 'get', `${modulesOf('pay')}${query}`, tokens);

  beforeAll(async () => {
    await Promise.all([gke.start(), okta.start()]);
    const config = new ConfigReader({
      kubernetes: {
        clusterLocatorMethods: [
          {
            type: 'config',
            clusters: [
              { name: 'gke', url: gke.url, authProvider: 'google' },
              {
                name: 'okta',
                url: okta.url,
                authProvider: 'oidc',
                oidcTokenProvider: 'okta',
              },
            ],
          },
        ],
      },
    });
    const logger = mockServices.logger.mock();
    for (const level of ['error', 'warn', 'info', 'debug'] as const) {
      logger[level].mockImplementation((...args) => {
        logged.push(args);
      });
    }
    logger.child.mockReturnValue(logger);
    const backend = await startWasiBackend({
      clusters: createClusters(config, readWasiConfig(config)),
      entities,
      audit: event => logged.push(event),
      features: [logger.factory],
    });
    server = backend.server;
    stop = () => backend.stop();
  });

  beforeEach(() => {
    run += 1;
    [ALICE, BOB, CAROL] = ['alice', 'bob', 'carol'].map(
      user => `${user}-secret-token-${run}`,
    );
    for (const api of [gke, okta]) {
      api.namespaces.clear();
      api.modules.clear();
      api.calls.length = 0;
      api.eventsRefused = false;
    }
    gke.namespaces.set(ALICE, ['team-a']);
    gke.namespaces.set(BOB, ['team-b']);
    gke.namespaces.set(CAROL, ['*']);
    gke.put(wasmModule('team-a', 'pay'));
    gke.put(wasmModule('team-b', 'pay'));
  });

  afterAll(async () => {
    await stop();
    await Promise.all([gke.close(), okta.close()]);
    expect(JSON.stringify(logged)).toContain('module-delete');
    expect(JSON.stringify(logged)).not.toMatch(SECRETS);
  });

  it('are named with whose token they take, where none came, and nothing is asked of them', async () => {
    const { status, body } = await list('alice', undefined, '');

    expect(status).toBe(200);
    expect(body).toEqual({
      items: [],
      missing: [],
      answeredAt: expect.any(String),
      problems: [
        {
          cluster: 'gke',
          code: 'CLUSTER_TOKEN_MISSING',
          message:
            'Cluster "gke" shows its modules only to users with a token of google.',
          remedy: 'Sign in to google to see the modules of gke.',
        },
      ],
      userTokens: [
        { cluster: 'gke', provider: 'google', expected: true },
        { cluster: 'okta', provider: 'oidc.okta', expected: false },
      ],
    });
    expect([...gke.calls, ...okta.calls]).toEqual([]);
  });

  it('show each user what the own token may see, with its events', async () => {
    const alice = await list('alice', `gke=${ALICE}`);
    const bob = await list('bob', `gke=${BOB}`);

    expect(names(alice.body)).toEqual(['team-a']);
    expect(names(bob.body)).toEqual(['team-b']);
    expect(alice.body.items[0].events).toEqual([
      expect.objectContaining({
        reason: 'Pulled',
        message: 'Pulled in team-a',
      }),
    ]);
    expect(alice.body.problems).toEqual([
      expect.objectContaining({
        cluster: 'gke',
        code: 'CLUSTER_FORBIDDEN',
        remedy: expect.stringContaining(
          'Ask the administrators of cluster "gke"',
        ),
      }),
    ]);
    expect(alice.body.userTokens).toBeUndefined();
    expect(JSON.stringify([alice.body, bob.body])).not.toMatch(SECRETS);
  });

  it('answer nobody with what was kept for somebody else', async () => {
    expect(names((await list('alice', `gke=${ALICE}`)).body)).toEqual([
      'team-a',
    ]);

    // While Alice's answer is kept: without a token, with one of nobody, with a
    // token of one's own, and as Alice with another token.
    for (const [user, token] of [
      ['bob', undefined],
      ['bob', 'forged'],
      ['alice', 'forged'],
      ['alice', undefined],
    ] as const) {
      const { body } = await list(user, token && `gke=${token}`);
      expect(body.items).toEqual([]);
      expect(body.userTokens).toEqual([
        { cluster: 'gke', provider: 'google', expected: true },
      ]);
    }
    expect(names((await list('bob', `gke=${BOB}`)).body)).toEqual(['team-b']);
    const single = await call(
      'bob',
      'get',
      `${modulesOf('pay')}/gke/team-a/pay`,
      `gke=${BOB}`,
    );
    expect([single.status, single.body.error.code]).toEqual([
      403,
      'CLUSTER_FORBIDDEN',
    ]);
  });

  it('are asked once for tabs of one user that ask together, and again after a write', async () => {
    await Promise.all([
      list('alice', `gke=${ALICE}`),
      list('alice', `gke=${ALICE}`),
    ]);
    const gets = () =>
      gke.calls.filter(({ path }) => path.endsWith('team-a/wasmmodules/pay'))
        .length;
    expect(gets()).toBe(1);

    const deletion = await call(
      'alice',
      'delete',
      `${modulesOf('pay')}/gke/team-a/pay`,
      `gke=${ALICE}`,
    );
    expect(deletion.status).toBe(204);
    const { body } = await list('alice', `gke=${ALICE}`);
    expect(body.items).toEqual([]);
    expect(body.missing).toEqual([]);
  });

  it('get a token that is named for them, and no other', async () => {
    okta.namespaces.set('okta-secret-token', ['*']);
    okta.put(wasmModule('team-a', 'pay'));
    const { body } = await list(
      'alice',
      `okta=okta-secret-token, gke=${ALICE}`,
      '',
    );

    expect(
      body.items.map(({ ref }: { ref: { cluster: string } }) => ref.cluster),
    ).toEqual(['gke', 'okta']);
    expect(new Set(gke.calls.map(({ token }) => token))).toEqual(
      new Set([ALICE]),
    );
    expect(new Set(okta.calls.map(({ token }) => token))).toEqual(
      new Set(['okta-secret-token']),
    );
  });

  it.each([
    ['of another cluster', 'okta'],
    ['of a cluster that there is not', 'mars'],
    ['of a name of the language', '__proto__'],
  ])('read nothing by a token %s', async (_, cluster) => {
    const { body } = await list('alice', `${cluster}=${ALICE}`);
    expect(body.items).toEqual([]);
    expect(body.userTokens).toEqual([
      { cluster: 'gke', provider: 'google', expected: true },
    ]);
    expect([...gke.calls, ...okta.calls]).toEqual([]);
  });

  it('say that a token is not accepted, and by whom to sign in again', async () => {
    const { body } = await list('alice', 'gke=gone-secret-token');

    expect(body.problems).toEqual([
      {
        cluster: 'gke',
        code: 'CLUSTER_TOKEN_MISSING',
        message:
          'Cluster "gke" does not accept the token of user:default/alice from google.',
        remedy: 'Sign in to google again.',
      },
    ]);
    expect(body.userTokens).toEqual([
      { cluster: 'gke', provider: 'google', expected: true },
    ]);
  });

  it.each([
    ['without a name', 'secret-token'],
    ['with a token that is too long', `gke=${'x'.repeat(8193)}secret-token`],
    [
      'with too many',
      Array.from({ length: 21 }, (_, i) => `c${i}=secret-token`).join(),
    ],
    ['with a line in it', `gke=a b-secret-token`],
  ])(
    'are not called by a header %s, which is not repeated',
    async (_, tokens) => {
      const { status, body } = await list('alice', tokens);

      expect([status, body.error.code]).toEqual([400, 'INPUT_INVALID']);
      expect(JSON.stringify(body)).not.toMatch(SECRETS);
      expect(gke.calls).toEqual([]);
    },
  );

  it('refuse headers that are larger than a server takes', async () => {
    const { status, text } = await list('alice', `gke=${'x'.repeat(20_000)}`);
    expect(status).toBe(431);
    expect(text).not.toContain('xxx');
  });

  it('show modules that name the entity to who may look everywhere', async () => {
    gke.put(wasmModule('team-c', 'extra', { owner: 'open' }));
    gke.put({
      ...wasmModule('team-c', 'foreign', { owner: 'open' }),
      metadata: {
        ...wasmModule('team-c', 'foreign', { owner: 'open' }).metadata,
        annotations: { 'backstage.io/entity-ref': 'component:default/bank' },
      },
    });
    const path = `${modulesOf('open')}?cluster=gke`;

    const carol = await call('carol', 'get', path, `gke=${CAROL}`);
    expect(names(carol.body)).toEqual(['team-c']);
    const alice = await call('alice', 'get', path, `gke=${ALICE}`);
    expect(alice.body.items).toEqual([]);
    expect(alice.body.problems).toEqual([
      expect.objectContaining({ code: 'CLUSTER_FORBIDDEN' }),
    ]);
  });

  it('choose modules by the label selector of the entity', async () => {
    gke.put(wasmModule('team-a', 'other', { owner: 'bank' }));
    const { body } = await call(
      'alice',
      'get',
      `${modulesOf('selecting')}?cluster=gke`,
      `gke=${ALICE}`,
    );
    expect(
      body.items.map(({ ref }: { ref: { name: string } }) => ref.name),
    ).toEqual(['pay', 'other']);
    expect(body.problems).toEqual([]);
  });

  it('tell which module of the entity is missing there', async () => {
    gke.namespaces.set(CAROL, ['*']);
    gke.modules.delete('team-b/pay');
    const { body } = await list('carol', `gke=${CAROL}`);
    expect(names(body)).toEqual(['team-a']);
    expect(body.missing).toEqual([
      { cluster: 'gke', namespace: 'team-b', name: 'pay' },
    ]);
  });

  it('say why events are missing', async () => {
    gke.eventsRefused = true;
    const { body } = await list('alice', `gke=${ALICE}`);
    expect(body.items[0].events).toEqual([]);
    expect(body.items[0].findings).toContainEqual(
      expect.objectContaining({ code: 'CLUSTER_FORBIDDEN', path: 'events' }),
    );
  });

  it('give logs to the token, and say what is missing without one', async () => {
    const path = `${modulesOf('pay')}/gke/team-a/pay/logs`;
    const withToken = await call('alice', 'get', path, `gke=${ALICE}`);
    expect(withToken.body).toEqual({ lines: ['a line for team-a'] });

    const without = await call('alice', 'get', path);
    expect([without.status, without.body.error]).toEqual([
      403,
      expect.objectContaining({
        code: 'CLUSTER_TOKEN_MISSING',
        remedy: 'Sign in to google in the portal, and try again.',
      }),
    ]);
    const foreign = await call('bob', 'get', path, `gke=${BOB}`);
    expect(foreign.status).toBe(403);
  });

  it('are written to by the token', async () => {
    const path = `${modulesOf('pay')}/gke/team-a/pay`;
    const patch = { spec: { env: [{ name: 'COLOUR', value: 'red' }] } };
    const patched = await call('alice', 'patch', path, `gke=${ALICE}`).send(
      patch,
    );
    expect([patched.status, patched.body.module?.spec.env]).toEqual([
      200,
      patch.spec.env,
    ]);
    expect(
      (await call('bob', 'patch', path, `gke=${BOB}`).send(patch)).status,
    ).toBe(403);
    expect((await call('alice', 'patch', path).send(patch)).status).toBe(403);
  });

  it('tell the history how a deploy ended when its user looks', async () => {
    const module = gke.modules.get('team-a/pay')!;
    const path = `${modulesOf('pay')}/gke/team-a/pay`;
    await call('alice', 'patch', path, `gke=${ALICE}`).send({
      spec: { env: [{ name: 'SIZE', value: 'XL' }] },
    });
    const history = async () => {
      const { body } = await call(
        'alice',
        'get',
        '/api/wasi/v1/entities/component/default/pay/deployments?limit=1',
      );
      return body.items[0];
    };
    expect(await history()).toMatchObject({ state: 'running' });
    const [id] = [(await history()).id];
    gke.put({
      ...module,
      spec: { ...module.spec, env: [{ name: 'SIZE', value: 'XL' }] },
      status: {
        observedGeneration: 1,
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    });
    // The history looks at what runs each moment, and the page of a user polls.
    let state: string;
    do {
      await list('alice', `gke=${ALICE}`);
      ({ state } = await history());
    } while (state === 'running');
    expect(await history()).toMatchObject({ id, state: 'succeeded' });

    const live = `/api/wasi/v1/entities/component/default/pay/deployments/${id}/diff?with=live`;
    expect((await call('alice', 'get', live, `gke=${ALICE}`)).body).toEqual({
      changes: [],
    });
    expect((await call('alice', 'get', live)).status).toBe(403);
  });

  it('that are slow hold up no other', async () => {
    let answer = () => {};
    gke.held = new Promise(resolve => {
      answer = resolve;
    });
    okta.namespaces.set('okta-secret-token', ['*']);
    okta.put(wasmModule('team-a', 'pay'));
    const { body } = await list(
      'dave',
      `okta=okta-secret-token, gke=${CAROL}`,
      '',
    );
    answer();

    expect(names(body)).toEqual(['team-a']);
    expect(body.problems).toEqual([
      expect.objectContaining({
        cluster: 'gke',
        code: 'CLUSTER_UNREACHABLE',
        message: 'Cluster "gke" has not answered within a second.',
      }),
    ]);
    expect(body.missing).toEqual([]);
  });

  it('that there are not are said to be unknown', async () => {
    const { status, body } = await list('alice', undefined, '?cluster=mars');
    expect([status, body.error.code]).toEqual([404, 'CLUSTER_UNKNOWN']);
  });
});
