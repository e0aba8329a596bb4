import type { LookupAddress, lookup } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFetchFile } from './fetchFile';

/** A DNS of one answer. */
function resolver(addresses: LookupAddress[]): typeof lookup {
  return ((_host: string, _options: object, callback: Function) =>
    callback(null, addresses)) as unknown as typeof lookup;
}

const request = {
  redirect: 'manual' as const,
  signal: new AbortController().signal,
  headers: {},
};

describe('createFetchFile', () => {
  let asked: (string | undefined)[];
  let server: Server;
  let port: number;

  beforeEach(async () => {
    asked = [];
    server = createServer((incoming, response) => {
      asked.push(incoming.url);
      response.end('secret of this machine');
    });
    server.on('connect', (incoming, socket) => {
      asked.push(incoming.url);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    port = (server.address() as AddressInfo).port;
  });

  afterEach(async () => {
    delete process.env.HTTPS_PROXY;
    server.closeAllConnections();
    await new Promise(done => server.close(done));
  });

  it.each([
    ['loopback', '127.0.0.1', 4, 'an address of this machine'],
    ['loopback written as IPv6', '::ffff:127.0.0.1', 6, 'this machine'],
    ["a cloud's metadata service", '169.254.169.254', 4, 'link-local'],
    ['the unspecified address', '0.0.0.0', 4, 'reserved address'],
    ['IPv6 link-local', 'fe80::1', 6, 'link-local'],
  ])(
    'opens no connection to a name that leads to %s',
    async (_, address, family, reason) => {
      const fetchFile = createFetchFile(
        resolver([
          { address: '203.0.113.7', family: 4 },
          { address, family },
        ]),
      );

      await expect(
        fetchFile(`http://modules.test:${port}/a.wasm`, request),
      ).rejects.toMatchObject({
        cause: {
          code: 'ERR_ADDRESS_REFUSED',
          message: expect.stringMatching(
            new RegExp(`^modules\\.test leads to .*${reason}`),
          ),
        },
      });
      expect(asked).toEqual([]);
    },
  );

  it('asks the proxy of the environment, wherever that lies', async () => {
    process.env.HTTPS_PROXY = `http://127.0.0.1:${port}`;

    await expect(
      createFetchFile()('https://modules.test/a.wasm', request),
    ).rejects.toThrow('fetch failed');
    expect(asked).toEqual(['modules.test:443']);
  });
});
