import { account, basic, bearer, useLogin } from './__fixtures__/useLogin';

describe('login with tokens', () => {
  const {
    module,
    start,
    clientOf,
    startLoginServer,
    startTokenRegistry,
    push,
  } = useLogin();

  it('asks once for all the rights a push takes', async () => {
    const server = await startLoginServer();
    const registry = await startTokenRegistry(
      bearer(server.host, 'repository:team/hello:pull'),
    );
    await push(registry, server.host, account);
    expect(
      server.seen.map(({ method, url, authorization }) => ({
        method,
        service: url.searchParams.get('service'),
        scope: url.searchParams.getAll('scope'),
        authorization,
      })),
    ).toEqual([
      {
        method: 'GET',
        service: 'test registry',
        scope: ['repository:team/hello:pull,push'],
        authorization: basic,
      },
    ]);
    expect(
      new Set(registry.seen.map(({ authorization }) => authorization)),
    ).toEqual(new Set([undefined, 'Bearer token-1']));
  });

  it('asks for the name that the registry gives the repository as well', async () => {
    const server = await startLoginServer();
    const registry = await startTokenRegistry(
      bearer(server.host, 'repository:internal/hello:pull,push'),
    );
    await push(registry, server.host);
    expect(server.seen[0].url.searchParams.getAll('scope')).toEqual([
      'repository:team/hello:pull,push',
      'repository:internal/hello:pull,push',
    ]);
    expect(server.seen[0].authorization).toBeUndefined();
  });

  it('takes access_token for the token', async () => {
    const server = await startLoginServer((_, token) => ({
      body: { access_token: token },
    }));
    const registry = await startTokenRegistry(bearer(server.host));
    await push(registry, server.host);
    expect(registry.manifests.has('1.0')).toBe(true);
  });

  it('renews a token that the registry does not take any more', async () => {
    const server = await startLoginServer((_, token) => ({
      body: { token, expires_in: 3600 },
    }));
    const registry = await startTokenRegistry(
      bearer(server.host),
      (_, use) => use <= 2,
    );
    const { layerDigest } = await push(registry, server.host);
    expect(registry.blobs.get(layerDigest)!.equals(module.bytes)).toBe(true);
    expect(server.seen.length).toBeGreaterThan(2);
  });

  it('renews a token before it ends', async () => {
    const server = await startLoginServer((_, token) => ({
      body: { token, expires_in: 1 },
    }));
    const registry = await startTokenRegistry(bearer(server.host));
    await push(registry, server.host);
    // The first request finds out that a login is needed; all others have a new token.
    expect(registry.seen.map(({ authorization }) => authorization)).toEqual([
      undefined,
      ...server.seen.map((_, index) => `Bearer token-${index + 1}`),
    ]);
  });

  it('gives up when the registry refuses a new token', async () => {
    const server = await startLoginServer();
    const registry = await startTokenRegistry(bearer(server.host), () => false);
    await expect(push(registry, server.host, account)).rejects.toMatchObject({
      code: 'REGISTRY_UNAUTHENTICATED',
    });
    expect(server.seen).toHaveLength(1);
    expect(registry.seen).toHaveLength(2);
  });

  it('says whose credentials the login server refuses, without a word of them', async () => {
    const server = await startLoginServer(request => ({
      status: 401,
      body: { details: request.authorization },
    }));
    const registry = await startTokenRegistry(bearer(server.host));
    await expect(push(registry, server.host, account)).rejects.toMatchObject({
      code: 'REGISTRY_UNAUTHENTICATED',
      message: `The login server ${server.host} of registry ${registry.host} does not accept the configured credentials`,
    });
    expect(server.seen).toHaveLength(1);
  });

  it('uses a configured token as it is', async () => {
    const server = await startLoginServer();
    const registry = await startTokenRegistry(bearer(server.host));
    await push(registry, server.host, { token: 'token-ready' });
    expect(server.seen).toEqual([]);
    expect(
      new Set(registry.seen.map(({ authorization }) => authorization)),
    ).toEqual(new Set(['Bearer token-ready']));
  });

  it('exchanges an identity token', async () => {
    const server = await startLoginServer();
    const registry = await startTokenRegistry(bearer(server.host));
    const dockerConfig = module.write('config.json', {
      auths: { [registry.host]: { auth: 'MDA6', identitytoken: 'refresh-me' } },
    });
    await push(registry, server.host, {}, dockerConfig);
    expect(
      server.seen.map(({ method, form }) => [method, Object.fromEntries(form)]),
    ).toEqual([
      [
        'POST',
        {
          grant_type: 'refresh_token',
          client_id: 'backstage-wasi',
          service: 'test registry',
          scope: 'repository:team/hello:pull,push',
          refresh_token: 'refresh-me',
        },
      ],
    ]);
  });

  it('shows the identity token in the older way where the newer is not known', async () => {
    const server = await startLoginServer(({ method }, token) =>
      method === 'POST' ? { status: 404, body: {} } : { body: { token } },
    );
    const registry = await startTokenRegistry(bearer(server.host));
    const dockerConfig = module.write('config.json', {
      auths: { [registry.host]: { identitytoken: 'refresh-me' } },
    });
    await push(registry, server.host, {}, dockerConfig);
    expect(server.seen[1]).toMatchObject({
      method: 'GET',
      authorization: `Basic ${Buffer.from('<token>:refresh-me').toString(
        'base64',
      )}`,
    });
  });

  it.each([
    { body: {}, why: 'no token' },
    { body: 'x', why: 'no object' },
    {
      body: { token: 'a\r\nx-evil: 1' },
      why: 'a token that is no header value',
    },
  ])('refuses an answer with $why', async ({ body }) => {
    const server = await startLoginServer(() => ({ body }));
    const registry = await startTokenRegistry(bearer(server.host));
    await expect(push(registry, server.host)).rejects.toMatchObject({
      code: 'REGISTRY_UNEXPECTED',
      message: expect.stringContaining('answered without a token'),
    });
  });

  it('gives up on a circle of redirects', async () => {
    const registry = await start(({ response, url }) => {
      response.writeHead(307, { location: url.pathname }).end();
      return true;
    });
    await expect(
      clientOf(registry.host).describe(`${registry.host}/a/b:v1`),
    ).rejects.toMatchObject({
      code: 'REGISTRY_UNEXPECTED',
      message: expect.stringContaining('redirects more than 5 times'),
    });
  });
});
