import {
  modulesOf,
  namespacesOf,
  SECRETS,
  UserTokensSite,
  wasmModule,
} from './__testUtils__/UserTokensSite';

describe("clusters that take only users' own tokens, under attack", () => {
  const site = new UserTokensSite();

  beforeAll(() => site.start());
  beforeEach(() => site.enter());
  afterAll(() => site.stop());

  it('answer nobody with what was kept for somebody else', async () => {
    expect(
      namespacesOf((await site.list('alice', `gke=${site.alice}`)).body),
    ).toEqual(['team-a']);

    // While Alice's answer is kept: without a token, with one of nobody, with a
    // token of one's own, and as Alice with another token.
    for (const [user, token] of [
      ['bob', undefined],
      ['bob', 'forged'],
      ['alice', 'forged'],
      ['alice', undefined],
    ] as const) {
      const { body } = await site.list(user, token && `gke=${token}`);
      expect(body.items).toEqual([]);
      expect(body.userTokens).toEqual([
        { cluster: 'gke', provider: 'google', expected: true },
      ]);
    }
    expect(
      namespacesOf((await site.list('bob', `gke=${site.bob}`)).body),
    ).toEqual(['team-b']);
    const single = await site.call(
      'bob',
      'get',
      `${modulesOf('pay')}/gke/team-a/pay`,
      `gke=${site.bob}`,
    );
    expect([single.status, single.body.error.code]).toEqual([
      403,
      'CLUSTER_FORBIDDEN',
    ]);
  });

  it('get a token that is named for them, and no other', async () => {
    site.okta.namespaces.set('okta-secret-token', ['*']);
    site.okta.put(wasmModule('team-a', 'pay'));
    const { body } = await site.list(
      'alice',
      `okta=okta-secret-token, gke=${site.alice}`,
      '',
    );

    expect(
      body.items.map(({ ref }: { ref: { cluster: string } }) => ref.cluster),
    ).toEqual(['gke', 'okta']);
    expect(new Set(site.gke.calls.map(({ token }) => token))).toEqual(
      new Set([site.alice]),
    );
    expect(new Set(site.okta.calls.map(({ token }) => token))).toEqual(
      new Set(['okta-secret-token']),
    );
  });

  it.each([
    ['of another cluster', 'okta'],
    ['of a cluster that there is not', 'mars'],
    ['of a name of the language', '__proto__'],
  ])('read nothing by a token %s', async (_, cluster) => {
    const { body } = await site.list('alice', `${cluster}=${site.alice}`);
    expect(body.items).toEqual([]);
    expect(body.userTokens).toEqual([
      { cluster: 'gke', provider: 'google', expected: true },
    ]);
    expect([...site.gke.calls, ...site.okta.calls]).toEqual([]);
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
      const { status, body } = await site.list('alice', tokens);

      expect([status, body.error.code]).toEqual([400, 'INPUT_INVALID']);
      expect(JSON.stringify(body)).not.toMatch(SECRETS);
      expect(site.gke.calls).toEqual([]);
    },
  );

  it('refuse headers that are larger than a server takes', async () => {
    const { status, text } = await site.list(
      'alice',
      `gke=${'x'.repeat(20_000)}`,
    );
    expect(status).toBe(431);
    expect(text).not.toContain('xxx');
  });

  it('that are slow hold up no other', async () => {
    let answer = () => {};
    site.gke.held = new Promise(resolve => {
      answer = resolve;
    });
    site.okta.namespaces.set('okta-secret-token', ['*']);
    site.okta.put(wasmModule('team-a', 'pay'));
    const { body } = await site.list(
      'dave',
      `okta=okta-secret-token, gke=${site.carol}`,
      '',
    );
    answer();

    expect(namespacesOf(body)).toEqual(['team-a']);
    expect(body.problems).toEqual([
      expect.objectContaining({
        cluster: 'gke',
        code: 'CLUSTER_UNREACHABLE',
        message: 'Cluster "gke" has not answered within a second.',
      }),
    ]);
    expect(body.missing).toEqual([]);
  });

  it('leave no token in logs and in what the auditor is told', async () => {
    const path = `${modulesOf('pay')}/gke/team-a/pay`;
    await site.call('bob', 'delete', path, `gke=${site.bob}`);
    await site.call('alice', 'delete', path, 'gke=forged-secret-token');
    await site.call('alice', 'delete', path, `gke=${site.alice}`);

    const told = JSON.stringify(site.logged);
    expect(told).toContain('module-delete');
    expect(told).not.toMatch(SECRETS);
  });
});
