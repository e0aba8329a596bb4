import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RegistryConfig } from '../config';
import {
  createModuleRegistry,
  type ModuleRegistryOptions,
} from './createModuleRegistry';
import type { ModuleRegistry } from './types';
import {
  configWith,
  writeModule,
  type ModuleOnDisk,
} from './__fixtures__/modules';
import {
  startScriptedRegistry,
  type ScriptedRegistry,
} from './__fixtures__/scriptedRegistry';

interface TokenRequest {
  method: string;
  url: URL;
  authorization?: string;
  form: URLSearchParams;
}

describe('login with tokens', () => {
  let module: ModuleOnDisk;
  const closing: (() => Promise<void>)[] = [];

  beforeEach(() => {
    module = writeModule();
  });

  afterEach(async () => {
    await Promise.all(closing.splice(0).map(close => close()));
    module.remove();
  });

  /** A login server whose tokens are `token-1`, `token-2`, … */
  async function startLoginServer(
    answer: (
      request: TokenRequest,
      token: string,
    ) => { status?: number; body: unknown; retryAfter?: string } = (
      _,
      token,
    ) => ({ body: { token } }),
  ) {
    const seen: TokenRequest[] = [];
    const server: Server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) {
        text += chunk;
      }
      const tokenRequest = {
        method: request.method ?? '',
        url: new URL(request.url ?? '/', 'http://login'),
        authorization: request.headers.authorization,
        form: new URLSearchParams(text),
      };
      seen.push(tokenRequest);
      const { status, body } = answer(tokenRequest, `token-${seen.length}`);
      response.writeHead(status ?? 200).end(JSON.stringify(body));
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    closing.push(
      () =>
        new Promise(resolve => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    return {
      host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      seen,
    };
  }

  /** A registry that takes each token for `uses` requests. */
  async function startTokenRegistry(
    challenge: string | string[],
    accepts: (token: string, use: number) => boolean = () => true,
  ) {
    const uses = new Map<string, number>();
    const registry = await startScriptedRegistry(({ request, response }) => {
      const token = request.headers.authorization?.replace('Bearer ', '');
      const use = (uses.get(token ?? '') ?? 0) + 1;
      uses.set(token ?? '', use);
      if (token?.startsWith('token-') && accepts(token, use)) {
        return false;
      }
      request.resume();
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return true;
    });
    closing.push(() => registry.close());
    return registry;
  }

  function push(
    registry: ScriptedRegistry,
    loginHost: string | undefined,
    account: Partial<RegistryConfig> = {},
    dockerConfig?: string,
  ) {
    const hosts = [
      { host: registry.host, ...account },
      ...(loginHost ? [{ host: loginHost }] : []),
    ];
    return createModuleRegistry(configWith(hosts, dockerConfig), {
      pause: async () => {},
    }).push({
      path: module.path,
      reference: `${registry.host}/team/hello:1.0`,
      inspection: module.inspection,
      annotations: {},
      created: '2026-01-02T03:04:05Z',
    });
  }

  const bearer = (host: string, scope?: string) =>
    `Bearer realm="http://${host}/token",service="test registry"${
      scope === undefined ? '' : `,scope="${scope}"`
    }`;
  const account = { username: 'me', password: 'pass:word' };
  const basic = `Basic ${Buffer.from('me:pass:word').toString('base64')}`;

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

  describe('keeps a token', () => {
    const pushes = (registry: ScriptedRegistry, loginHost: string) => {
      const clientOf = (own: Partial<RegistryConfig>) =>
        createModuleRegistry(
          configWith([{ host: registry.host, ...own }, { host: loginHost }]),
          { pause: async () => {} },
        );
      return {
        clientOf,
        push: (client: ModuleRegistry, repository = 'team/hello') =>
          client.push({
            path: module.path,
            reference: `${registry.host}/${repository}:1.0`,
            inspection: module.inspection,
            annotations: {},
            created: '2026-01-02T03:04:05Z',
          }),
      };
    };

    it('for the next push, which begins with it', async () => {
      const server = await startLoginServer();
      const registry = await startTokenRegistry(bearer(server.host));
      const { clientOf, push: pushWith } = pushes(registry, server.host);
      const client = clientOf(account);
      await pushWith(client);
      registry.seen.length = 0;
      await pushWith(client);
      expect(server.seen).toHaveLength(1);
      expect(registry.seen.length).toBeGreaterThan(0);
      expect(
        registry.seen.filter(
          ({ authorization }) => authorization !== 'Bearer token-1',
        ),
      ).toEqual([]);
    });

    it('to one repository and one set of rights', async () => {
      const server = await startLoginServer();
      const registry = await startTokenRegistry(bearer(server.host));
      const { clientOf, push: pushWith } = pushes(registry, server.host);
      const client = clientOf(account);
      const { image } = await pushWith(client);
      await pushWith(client, 'team/other');
      await client.describe(image);
      expect(
        server.seen.map(({ url }) => url.searchParams.getAll('scope')),
      ).toEqual([
        ['repository:team/hello:pull,push'],
        ['repository:team/other:pull,push'],
        ['repository:team/hello:pull'],
      ]);
    });

    it('to the account it was given to', async () => {
      const server = await startLoginServer();
      const registry = await startTokenRegistry(bearer(server.host));
      const hosts = configWith([
        { host: registry.host, prefix: 'team', ...account },
        { host: registry.host, prefix: 'own', username: 'you', password: 'x' },
        { host: server.host },
      ]);
      const client = createModuleRegistry(hosts);
      const { push: pushWith } = pushes(registry, server.host);
      const { image } = await pushWith(client);
      await pushWith(client, 'own/hello');
      await client.canPullAnonymously(image);
      await client.canPullAnonymously(image);
      // An answer on what everybody may do is not kept either.
      expect(server.seen.map(({ authorization }) => authorization)).toEqual([
        basic,
        `Basic ${Buffer.from('you:x').toString('base64')}`,
        undefined,
        undefined,
      ]);
    });

    it('until the registry refuses it, and asks for one more then', async () => {
      const server = await startLoginServer();
      const refused = new Set<string>();
      const registry = await startTokenRegistry(
        bearer(server.host),
        token => !refused.has(token),
      );
      const { clientOf, push: pushWith } = pushes(registry, server.host);
      const client = clientOf(account);
      await pushWith(client);
      refused.add('token-1');
      await pushWith(client);
      expect(server.seen).toHaveLength(2);
      refused.add('token-2').add('token-3');
      await expect(pushWith(client)).rejects.toMatchObject({
        code: 'REGISTRY_UNAUTHENTICATED',
      });
      expect(server.seen).toHaveLength(3);
    });
  });

  it('repeats no token that a registry repeats when it refuses it', async () => {
    const server = await startLoginServer();
    let uses = 0;
    const registry = await startScriptedRegistry(({ request, response }) => {
      const { authorization } = request.headers;
      const challenge = authorization ? 'Negotiate' : bearer(server.host);
      uses++;
      request.resume();
      response
        .writeHead(401, { 'www-authenticate': challenge })
        .end(JSON.stringify({ errors: [{ message: `no ${authorization}` }] }));
      return true;
    });
    closing.push(() => registry.close());
    const error = await createModuleRegistry(
      configWith([{ host: registry.host, ...account }, { host: server.host }]),
    )
      .describe(`${registry.host}/a/b:v1`)
      .catch(reason => reason);
    expect(uses).toBe(2);
    expect(error.code).toBe('REGISTRY_UNAUTHENTICATED');
    expect(`${error.message} ${error.stack}`).not.toContain('token-1');
    await expect(
      createModuleRegistry(
        configWith([
          { host: registry.host, token: 'token-ready' },
          { host: server.host },
        ]),
      ).describe(`${registry.host}/a/b:v1`),
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
      const registry = await startScriptedRegistry(
        ({ request, response, method, url }) => {
          request.resume();
          if (how === 'realm') {
            response
              .writeHead(401, {
                'www-authenticate':
                  'Bearer realm="https://metadata.test/token"',
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
        },
      );
      closing.push(() => registry.close());
      const client = createModuleRegistry(
        configWith([{ host: registry.host, ...account }]),
        {
          pause: async () => {},
          resolve: ((
            _: string,
            __: unknown,
            found: (error: null, addresses: unknown[]) => void,
          ) =>
            found(null, [
              { address: '169.254.169.254', family: 4 },
            ])) as unknown as ModuleRegistryOptions['resolve'],
        },
      );
      await expect(
        client.push({
          path: module.path,
          reference: `${registry.host}/team/hello:1.0`,
          inspection: module.inspection,
          annotations: {},
          created: '2026-01-02T03:04:05Z',
        }),
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
      const server = await startScriptedRegistry(({ response }) => {
        response
          .writeHead(307, { location: `http://${elsewhere.host}/token` })
          .end();
        return true;
      });
      closing.push(() => server.close());
      const registry = await startTokenRegistry(bearer(server.host));
      await expect(push(registry, server.host, account)).rejects.toMatchObject({
        code: 'REGISTRY_UNEXPECTED',
        message: `The login server ${server.host} of registry ${registry.host} answered 307`,
      });
      expect(elsewhere.seen).toEqual([]);
    });

    it('after a redirect to another host, not even on the way back', async () => {
      let home = '';
      const storage = await startScriptedRegistry(({ response, url }) => {
        response
          .writeHead(307, { location: `http://${home}${url.pathname}` })
          .end();
        return true;
      });
      const registry = await startScriptedRegistry(
        ({ request, response, url, count }) => {
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
        },
      );
      home = registry.host;
      closing.push(
        () => storage.close(),
        () => registry.close(),
      );
      const bytes = Buffer.from('{"schemaVersion":2,"layers":[]}');
      registry.manifests.set('v1', { bytes, contentType: 'a/b' });
      await createModuleRegistry(
        configWith([{ host: registry.host, ...account }]),
      ).describe(`${registry.host}/a/b:v1`);
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
      const storage = await startScriptedRegistry(({ response }) => {
        response
          .writeHead(401, { 'www-authenticate': 'Basic realm="give"' })
          .end();
        return true;
      });
      const registry = await startScriptedRegistry(({ response, url }) => {
        response
          .writeHead(302, { location: `http://${storage.host}${url.pathname}` })
          .end();
        return true;
      });
      closing.push(
        () => storage.close(),
        () => registry.close(),
      );
      await expect(
        createModuleRegistry(
          configWith([{ host: registry.host, ...account }]),
        ).describe(`${registry.host}/a/b:v1`),
      ).rejects.toMatchObject({ code: 'REGISTRY_UNAUTHENTICATED' });
      expect(storage.seen.map(({ authorization }) => authorization)).toEqual([
        undefined,
      ]);
    });
  });

  it('gives up on a circle of redirects', async () => {
    const registry = await startScriptedRegistry(({ response, url }) => {
      response.writeHead(307, { location: url.pathname }).end();
      return true;
    });
    closing.push(() => registry.close());
    await expect(
      createModuleRegistry(configWith([{ host: registry.host }])).describe(
        `${registry.host}/a/b:v1`,
      ),
    ).rejects.toMatchObject({
      code: 'REGISTRY_UNEXPECTED',
      message: expect.stringContaining('redirects more than 5 times'),
    });
  });
});
