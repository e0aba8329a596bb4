import { account, basic, bearer, useLogin } from './__fixtures__/useLogin';
import { resolveAllTo } from './__fixtures__/useRegistries';

describe('a login', () => {
  const {
    start,
    clientOf,
    pushOptions,
    startLoginServer,
    startTokenRegistry,
    push,
  } = useLogin();

  it('repeats no token that a registry repeats when it refuses it', async () => {
    const server = await startLoginServer();
    let uses = 0;
    const registry = await start(({ request, response }) => {
      const { authorization } = request.headers;
      const challenge = authorization ? 'Negotiate' : bearer(server.host);
      uses++;
      request.resume();
      response
        .writeHead(401, { 'www-authenticate': challenge })
        .end(JSON.stringify({ errors: [{ message: `no ${authorization}` }] }));
      return true;
    });
    const error = await clientOf([
      { host: registry.host, ...account },
      { host: server.host },
    ])
      .describe(`${registry.host}/a/b:v1`)
      .catch(reason => reason);
    expect(uses).toBe(2);
    expect(error.code).toBe('REGISTRY_UNAUTHENTICATED');
    expect(`${error.message} ${error.stack}`).not.toContain('token-1');
    await expect(
      clientOf([
        { host: registry.host, token: 'token-ready' },
        { host: server.host },
      ]).describe(`${registry.host}/a/b:v1`),
    ).rejects.toThrow('no Bearer ***');
  });

  describe('sends no credentials', () => {
    it('to a login server on a host of plain HTTP that is not listed', async () => {
      const server = await startLoginServer();
      const registry = await startTokenRegistry(bearer(server.host));
      await expect(push(registry, undefined, account)).rejects.toMatchObject({
        code: 'REGISTRY_UNEXPECTED',
        message: `Registry ${registry.host} wants the login to happen at an unsafe place: http://${server.host}`,
      });
      expect(server.seen).toEqual([]);
    });

    it.each([
      'http://169.254.169.254/latest/meta-data',
      'https://169.254.169.254/token',
      'https://[fe80::1]/token',
      'https://metadata.google.internal/token',
      'https://[::ffff:169.254.169.254]/token',
      'https://me:you@login.example/token',
      'file:///etc/passwd',
      '/token',
    ])('to %s', async realm => {
      const registry = await startTokenRegistry(`Bearer realm="${realm}"`);
      await expect(push(registry, undefined, account)).rejects.toMatchObject({
        code: 'REGISTRY_UNEXPECTED',
      });
      expect(registry.seen.map(({ authorization }) => authorization)).toEqual([
        undefined,
      ]);
    });

    it.each([
      { to: 'a login server', how: 'realm' },
      { to: 'a redirect', how: 'redirect' },
      { to: 'an upload', how: 'upload' },
    ])('to $to whose name leads to a link-local address', async ({ how }) => {
      const registry = await start(({ request, response, method, url }) => {
        request.resume();
        if (how === 'realm') {
          response
            .writeHead(401, {
              'www-authenticate': 'Bearer realm="https://metadata.test/token"',
            })
            .end();
        } else if (how === 'redirect') {
          response
            .writeHead(307, {
              location: `http://metadata.test${url.pathname}`,
            })
            .end();
        } else if (method === 'POST') {
          response
            .writeHead(202, { location: 'http://metadata.test/upload' })
            .end();
        } else {
          return false;
        }
        return true;
      });
      const client = clientOf([{ host: registry.host, ...account }], {
        resolve: resolveAllTo('169.254.169.254'),
      });
      await expect(
        client.push(pushOptions(registry.host)),
      ).rejects.toMatchObject({
        code: 'REGISTRY_UNEXPECTED',
        message: `Registry ${registry.host} pointed to a place we do not go to: metadata.test leads to a link-local or reserved address`,
        remedy:
          'List the host under `wasi.registries` if it belongs to the registry.',
      });
      expect(registry.manifests.size).toBe(0);
    });

    it('after a redirect of the login server', async () => {
      const elsewhere = await startLoginServer();
      const server = await start(({ response }) => {
        response
          .writeHead(307, { location: `http://${elsewhere.host}/token` })
          .end();
        return true;
      });
      const registry = await startTokenRegistry(bearer(server.host));
      await expect(push(registry, server.host, account)).rejects.toMatchObject({
        code: 'REGISTRY_UNEXPECTED',
        message: `The login server ${server.host} of registry ${registry.host} answered 307`,
      });
      expect(elsewhere.seen).toEqual([]);
    });

    it('after a redirect to another host, not even on the way back', async () => {
      let home = '';
      const storage = await start(({ response, url }) => {
        response
          .writeHead(307, { location: `http://${home}${url.pathname}` })
          .end();
        return true;
      });
      const registry = await start(({ request, response, url, count }) => {
        if (!request.headers.authorization && count === 1) {
          response
            .writeHead(401, { 'www-authenticate': 'Basic realm="test"' })
            .end();
          return true;
        }
        if (count === 2) {
          response
            .writeHead(307, {
              location: `http://${storage.host}${url.pathname}`,
            })
            .end();
          return true;
        }
        return false;
      });
      home = registry.host;
      const bytes = Buffer.from('{"schemaVersion":2,"layers":[]}');
      registry.manifests.set('v1', { bytes, contentType: 'a/b' });
      await clientOf([{ host: registry.host, ...account }]).describe(
        `${registry.host}/a/b:v1`,
      );
      expect(registry.seen.map(({ authorization }) => authorization)).toEqual([
        undefined,
        basic,
        undefined,
      ]);
      expect(storage.seen.map(({ authorization }) => authorization)).toEqual([
        undefined,
      ]);
    });

    it('when another host than the registry asks for them', async () => {
      const storage = await start(({ response }) => {
        response
          .writeHead(401, { 'www-authenticate': 'Basic realm="give"' })
          .end();
        return true;
      });
      const registry = await start(({ response, url }) => {
        response
          .writeHead(302, { location: `http://${storage.host}${url.pathname}` })
          .end();
        return true;
      });
      await expect(
        clientOf([{ host: registry.host, ...account }]).describe(
          `${registry.host}/a/b:v1`,
        ),
      ).rejects.toMatchObject({ code: 'REGISTRY_UNAUTHENTICATED' });
      expect(storage.seen.map(({ authorization }) => authorization)).toEqual([
        undefined,
      ]);
    });
  });
});
