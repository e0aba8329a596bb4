import type { lookup } from 'node:dns';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { createConnections } from './connections';

/** What each name resolves to; others are not known. */
function resolverOf(names: Record<string, string>): typeof lookup {
  return ((
    hostname: string,
    _: unknown,
    callback: (
      error: Error | null,
      addresses?: { address: string; family: number }[],
    ) => void,
  ) => {
    const address = names[hostname];
    if (address) {
      callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
    } else {
      callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }));
    }
  }) as unknown as typeof lookup;
}

describe('the hosts that a registry may send us to', () => {
  let server: Server;
  let port: number;
  let requests: number;

  beforeEach(async () => {
    requests = 0;
    server = createServer((_, response) => {
      requests++;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });

  afterEach(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  const open = (
    names: Record<string, string> = {},
    listedHosts: string[] = [],
  ) =>
    createConnections({
      connectTimeoutMs: 10_000,
      listedHosts,
      resolve: resolverOf(names),
    });

  /** The error that asking `host` for `registry` ends with, if any. */
  async function ask(
    connections: ReturnType<typeof createConnections>,
    host: string,
    registry: string,
  ): Promise<string | undefined> {
    const url = new URL(`http://${host}/`);
    try {
      const { body } = await request(url, {
        dispatcher: connections.dispatcherFor(
          url,
          new URL(`http://${registry}/`),
        ),
      });
      await body.dump();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  it.each([
    { host: '127.0.0.1', leads: 'an address of this machine' },
    { host: 'localhost', leads: 'an address of this machine' },
    { host: '2130706433', leads: 'an address of this machine' },
    { host: '[::ffff:127.0.0.1]', leads: 'an address of this machine' },
    { host: '10.1.2.3', leads: 'a private address' },
    { host: '192.168.1.1', leads: 'a private address' },
    { host: '[fd12::1]', leads: 'a private address' },
    { host: '169.254.169.254', leads: 'a link-local or reserved address' },
    { host: 'machine.test', leads: 'an address of this machine' },
    { host: 'network.test', leads: 'a private address' },
    { host: 'mapped.test', leads: 'a private address' },
    { host: 'metadata.test', leads: 'a link-local or reserved address' },
  ])(
    'are not $host for a registry of the internet',
    async ({ host, leads }) => {
      const connections = open({
        'machine.test': '127.0.0.1',
        'network.test': '10.1.2.3',
        'mapped.test': '::ffff:10.1.2.3',
        'metadata.test': '169.254.169.254',
      });
      await expect(
        ask(connections, `${host}:${port}`, 'registry.test'),
      ).resolves.toBe(
        `${new URL(`http://${host}`).hostname} leads to ${leads}`,
      );
      expect(requests).toBe(0);
    },
  );

  it('are those of its network for a registry of our network, but not this machine', async () => {
    const connections = open({ 'login.test': '127.0.0.1' });
    expect(() =>
      connections.dispatcherFor(
        new URL('http://10.0.0.6/'),
        new URL('http://10.0.0.5/'),
      ),
    ).not.toThrow();
    await expect(
      ask(connections, `login.test:${port}`, '10.0.0.5'),
    ).resolves.toBe('login.test leads to an address of this machine');
    expect(requests).toBe(0);
  });

  it('are those of this machine for a registry that turned out to be on it, but never link-local ones', async () => {
    const connections = open({
      'registry.test': '127.0.0.1',
      'login.test': '127.0.0.1',
      'metadata.test': '169.254.169.254',
    });
    const registry = `registry.test:${port}`;
    await expect(ask(connections, registry, registry)).resolves.toBe(undefined);
    await expect(
      ask(connections, `login.test:${port}`, registry),
    ).resolves.toBe(undefined);
    await expect(
      ask(connections, `metadata.test:${port}`, registry),
    ).resolves.toBe('metadata.test leads to a link-local or reserved address');
    expect(requests).toBe(2);
  });

  it('are listed ones wherever they are, but never link-local ones', async () => {
    const connections = open(
      { 'login.test': '127.0.0.1', 'metadata.test': '169.254.169.254' },
      [`login.test:${port}`, `metadata.test:${port}`],
    );
    await expect(
      ask(connections, `login.test:${port}`, 'registry.test'),
    ).resolves.toBe(undefined);
    await expect(
      ask(connections, `metadata.test:${port}`, 'registry.test'),
    ).resolves.toBe('metadata.test leads to a link-local or reserved address');
    expect(requests).toBe(1);
  });

  it('do not borrow a connection that another registry was allowed', async () => {
    const connections = open({
      'near.test': '127.0.0.1',
      'login.test': '127.0.0.1',
    });
    const near = `near.test:${port}`;
    await ask(connections, near, near);
    await ask(connections, `login.test:${port}`, near);
    await expect(
      ask(connections, `login.test:${port}`, 'registry.test'),
    ).resolves.toBe('login.test leads to an address of this machine');
    expect(requests).toBe(2);
  });
});
