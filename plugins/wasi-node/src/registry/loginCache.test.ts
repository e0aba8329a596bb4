import type { ScriptedRegistry } from './__fixtures__/scriptedRegistry';
import { account, basic, bearer, useLogin } from './__fixtures__/useLogin';
import type { ModuleRegistry } from './types';

describe('a token of the login server is kept', () => {
  const { clientOf, pushOptions, startLoginServer, startTokenRegistry } =
    useLogin();

  const loggedIn = ({ host }: ScriptedRegistry, loginHost: string) =>
    clientOf([{ host, ...account }, { host: loginHost }]);
  const pushAs = (
    client: ModuleRegistry,
    { host }: ScriptedRegistry,
    repository = 'team/hello',
  ) =>
    client.push({
      ...pushOptions(host),
      reference: `${host}/${repository}:1.0`,
    });

  it('for the next push, which begins with it', async () => {
    const server = await startLoginServer();
    const registry = await startTokenRegistry(bearer(server.host));
    const client = loggedIn(registry, server.host);
    await pushAs(client, registry);
    registry.seen.length = 0;
    await pushAs(client, registry);
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
    const client = loggedIn(registry, server.host);
    const { image } = await pushAs(client, registry);
    await pushAs(client, registry, 'team/other');
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
    const client = clientOf([
      { host: registry.host, prefix: 'team', ...account },
      { host: registry.host, prefix: 'own', username: 'you', password: 'x' },
      { host: server.host },
    ]);
    const { image } = await pushAs(client, registry);
    await pushAs(client, registry, 'own/hello');
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
    const client = loggedIn(registry, server.host);
    await pushAs(client, registry);
    refused.add('token-1');
    await pushAs(client, registry);
    expect(server.seen).toHaveLength(2);
    refused.add('token-2').add('token-3');
    await expect(pushAs(client, registry)).rejects.toMatchObject({
      code: 'REGISTRY_UNAUTHENTICATED',
    });
    expect(server.seen).toHaveLength(3);
  });
});
