import {
  modulesOf,
  namespacesOf,
  SECRETS,
  UserTokensSite,
  wasmModule,
} from './__testUtils__/UserTokensSite';

describe("clusters that take only users' own tokens", () => {
  const site = new UserTokensSite();

  beforeAll(() => site.start());
  beforeEach(() => site.enter());
  afterAll(() => site.stop());

  it('are named with whose token they take, where none came, and nothing is asked of them', async () => {
    const { status, body } = await site.list('alice', undefined, '');

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
    expect([...site.gke.calls, ...site.okta.calls]).toEqual([]);
  });

  it('show each user what the own token may see, with its events', async () => {
    const alice = await site.list('alice', `gke=${site.alice}`);
    const bob = await site.list('bob', `gke=${site.bob}`);

    expect(namespacesOf(alice.body)).toEqual(['team-a']);
    expect(namespacesOf(bob.body)).toEqual(['team-b']);
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

  it('are asked once for tabs of one user that ask together, and again after a write', async () => {
    await Promise.all([
      site.list('alice', `gke=${site.alice}`),
      site.list('alice', `gke=${site.alice}`),
    ]);
    const gets = () =>
      site.gke.calls.filter(({ path }) =>
        path.endsWith('team-a/wasmmodules/pay'),
      ).length;
    expect(gets()).toBe(1);

    const deletion = await site.call(
      'alice',
      'delete',
      `${modulesOf('pay')}/gke/team-a/pay`,
      `gke=${site.alice}`,
    );
    expect(deletion.status).toBe(204);
    const { body } = await site.list('alice', `gke=${site.alice}`);
    expect(body.items).toEqual([]);
    expect(body.missing).toEqual([]);
  });

  it('say that a token is not accepted, and by whom to sign in again', async () => {
    const { body } = await site.list('alice', 'gke=gone-secret-token');

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

  it('show modules that name the entity to who may look everywhere', async () => {
    site.gke.put(wasmModule('team-c', 'extra', 'open'));
    site.gke.put({
      ...wasmModule('team-c', 'foreign', 'open'),
      metadata: {
        ...wasmModule('team-c', 'foreign', 'open').metadata,
        annotations: { 'backstage.io/entity-ref': 'component:default/bank' },
      },
    });
    const path = `${modulesOf('open')}?cluster=gke`;

    const carol = await site.call('carol', 'get', path, `gke=${site.carol}`);
    expect(namespacesOf(carol.body)).toEqual(['team-c']);
    const alice = await site.call('alice', 'get', path, `gke=${site.alice}`);
    expect(alice.body.items).toEqual([]);
    expect(alice.body.problems).toEqual([
      expect.objectContaining({ code: 'CLUSTER_FORBIDDEN' }),
    ]);
  });

  it('choose modules by the label selector of the entity', async () => {
    site.gke.put(wasmModule('team-a', 'other', 'bank'));
    const { body } = await site.call(
      'alice',
      'get',
      `${modulesOf('selecting')}?cluster=gke`,
      `gke=${site.alice}`,
    );
    expect(
      body.items.map(({ ref }: { ref: { name: string } }) => ref.name),
    ).toEqual(['pay', 'other']);
    expect(body.problems).toEqual([]);
  });

  it('tell which module of the entity is missing there', async () => {
    site.gke.namespaces.set(site.carol, ['*']);
    site.gke.modules.delete('team-b/pay');
    const { body } = await site.list('carol', `gke=${site.carol}`);
    expect(namespacesOf(body)).toEqual(['team-a']);
    expect(body.missing).toEqual([
      { cluster: 'gke', namespace: 'team-b', name: 'pay' },
    ]);
  });

  it('say why events are missing', async () => {
    site.gke.eventsRefused = true;
    const { body } = await site.list('alice', `gke=${site.alice}`);
    expect(body.items[0].events).toEqual([]);
    expect(body.items[0].findings).toContainEqual(
      expect.objectContaining({ code: 'CLUSTER_FORBIDDEN', path: 'events' }),
    );
  });

  it('give logs to the token, and say what is missing without one', async () => {
    const path = `${modulesOf('pay')}/gke/team-a/pay/logs`;
    const withToken = await site.call(
      'alice',
      'get',
      path,
      `gke=${site.alice}`,
    );
    expect(withToken.body).toEqual({ lines: ['a line for team-a'] });

    const without = await site.call('alice', 'get', path);
    expect([without.status, without.body.error]).toEqual([
      403,
      expect.objectContaining({
        code: 'CLUSTER_TOKEN_MISSING',
        remedy: 'Sign in to google in the portal, and try again.',
      }),
    ]);
    const foreign = await site.call('bob', 'get', path, `gke=${site.bob}`);
    expect(foreign.status).toBe(403);
  });

  it('are written to by the token', async () => {
    const path = `${modulesOf('pay')}/gke/team-a/pay`;
    const patch = { spec: { env: [{ name: 'COLOUR', value: 'red' }] } };
    const patched = await site
      .call('alice', 'patch', path, `gke=${site.alice}`)
      .send(patch);
    expect([patched.status, patched.body.module?.spec.env]).toEqual([
      200,
      patch.spec.env,
    ]);
    expect(
      (await site.call('bob', 'patch', path, `gke=${site.bob}`).send(patch))
        .status,
    ).toBe(403);
    expect((await site.call('alice', 'patch', path).send(patch)).status).toBe(
      403,
    );
  });

  it('tell the history how a deploy ended when its user looks', async () => {
    const module = site.gke.modules.get('team-a/pay')!;
    const path = `${modulesOf('pay')}/gke/team-a/pay`;
    await site.call('alice', 'patch', path, `gke=${site.alice}`).send({
      spec: { env: [{ name: 'SIZE', value: 'XL' }] },
    });
    const history = async () => {
      const { body } = await site.call(
        'alice',
        'get',
        '/api/wasi/v1/entities/component/default/pay/deployments?limit=1',
      );
      return body.items[0];
    };
    expect(await history()).toMatchObject({ state: 'running' });
    const [id] = [(await history()).id];
    site.gke.put({
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
      await site.list('alice', `gke=${site.alice}`);
      ({ state } = await history());
    } while (state === 'running');
    expect(await history()).toMatchObject({ id, state: 'succeeded' });

    const live = `/api/wasi/v1/entities/component/default/pay/deployments/${id}/diff?with=live`;
    expect(
      (await site.call('alice', 'get', live, `gke=${site.alice}`)).body,
    ).toEqual({
      changes: [],
    });
    expect((await site.call('alice', 'get', live)).status).toBe(403);
  });

  it('that there are not are said to be unknown', async () => {
    const { status, body } = await site.list(
      'alice',
      undefined,
      '?cluster=mars',
    );
    expect([status, body.error.code]).toEqual([404, 'CLUSTER_UNKNOWN']);
  });
});
