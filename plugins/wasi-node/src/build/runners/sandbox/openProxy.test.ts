import { once } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import {
  createServer,
  type AddressInfo,
  type LookupFunction,
  type Server,
} from 'node:net';
import { RefusedAddressError } from '../../../network/guardLookup';
import { runCommand } from '../../../process';
import { assetPath } from '../../assetPath';
import { openProxy, type BuildProxy } from './openProxy';

let registry: Server;
let port: number;
let log: string[];
const open: BuildProxy[] = [];

/** Every name is this machine, as far as the tests go. */
const lookup: LookupFunction = (_name, options, callback) =>
  options.all
    ? callback(null, [{ address: '127.0.0.1', family: 4 }])
    : callback(null, '127.0.0.1', 4);

beforeEach(async () => {
  log = [];
  registry = createServer(socket => {
    socket.on('error', () => undefined);
    socket.once('data', data => socket.end(`got ${data}`));
  });
  registry.listen(0, '127.0.0.1');
  await once(registry, 'listening');
  port = (registry.address() as AddressInfo).port;
});

afterEach(async () => {
  await Promise.all(open.splice(0).map(proxy => proxy.close()));
  registry.close();
});

async function start(
  options: Partial<Parameters<typeof openProxy>[0]> = {},
): Promise<BuildProxy> {
  const proxy = await openProxy({
    allowedHosts: [`packages.example:${port}`],
    refuse: ['loopback', 'special'],
    lookup,
    log: line => log.push(line),
    ...options,
  });
  open.push(proxy);
  return proxy;
}

/** Asks for a way to a host, and says something there. */
function say(proxy: BuildProxy, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({
      socketPath: proxy.socket,
      method: 'CONNECT',
      path: target,
    });
    asking.once('connect', (response, socket) => {
      if (response.statusCode !== 200) {
        resolve(String(response.statusCode));
        return;
      }
      let text = '';
      socket.on('data', data => (text += data));
      socket.once('close', () => resolve(text));
      socket.write('hello');
    });
    asking.once('error', reject);
    asking.end();
  });
}

describe('the proxy of a build', () => {
  it('leads to a host that is allowed', async () => {
    expect(await say(await start(), `packages.example:${port}`)).toBe(
      'got hello',
    );
    expect(log).toEqual([]);
  });

  it.each([
    ['another host', () => `evil.example:${port}`],
    ['another port of it', () => 'packages.example:22'],
    ['a part of its name', () => `example:${port}`],
    ['a longer name', () => `packages.example.evil.example:${port}`],
    ['an address', () => `127.0.0.1:${port}`],
    ['no host at all', () => 'http://packages.example/'],
  ])('refuses %s, and tells so', async (_, target) => {
    expect(await say(await start(), target())).toBe('403');
    expect(log).toEqual([
      expect.stringMatching(
        /^No connection to \S+: wasi\.build\.allowedHosts does not list this host\.$/,
      ),
    ]);
  });

  it.each(['localhost', '127.0.0.1', '169.254.169.254', '[::1]'])(
    'refuses %s although it is allowed',
    async host => {
      const proxy = await start({ allowedHosts: [`${host}:${port}`] });

      expect(await say(proxy, `${host}:${port}`)).toBe('403');
      expect(log).toEqual([
        `No connection to ${host}:${port}: it is an address that builds may not reach.`,
      ]);
    },
  );

  it('refuses a name that is allowed and leads to this machine', async () => {
    const proxy = await start({
      lookup: (name, _, callback) =>
        callback(new RefusedAddressError(name, 'loopback'), '', 0),
    });

    expect(await say(proxy, `packages.example:${port}`)).toBe('403');
    expect(log).toEqual([
      `No connection to packages.example:${port}: packages.example leads to an address of this machine.`,
    ]);
  });

  it('tells a refusal once, however often it is asked', async () => {
    const proxy = await start();
    for (let i = 0; i < 3; i++) {
      await say(proxy, 'evil.example:443');
    }

    expect(log).toHaveLength(1);
  });

  it('goes by the proxy of the operator, with its account', async () => {
    const asked: unknown[] = [];
    const upstream = createHttpServer();
    upstream.on('connect', (incoming, socket) => {
      asked.push([incoming.url, incoming.headers['proxy-authorization']]);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.once('data', () => socket.end('by the operator'));
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const proxy = await start({
      upstream: `http://user:p%40ss@127.0.0.1:${
        (upstream.address() as AddressInfo).port
      }`,
    });

    expect(await say(proxy, `packages.example:${port}`)).toBe(
      'by the operator',
    );
    expect(asked).toEqual([
      [
        `packages.example:${port}`,
        `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
      ],
    ]);
    upstream.close();
  });

  it('is reached by the usual variables, and the exit code of the program stays', async () => {
    const proxy = await start();
    const program = `
      const { hostname, port } = new URL(process.env.https_proxy);
      const asking = require('node:http').request(
        { host: hostname, port, method: 'CONNECT', path: 'packages.example:${port}' });
      asking.once('connect', (_, socket) => {
        socket.write('hello');
        socket.once('data', data => { console.log(String(data)); process.exit(7); });
      });
      asking.end();`;
    const { exitCode, tail } = await runCommand({
      command: process.execPath,
      args: [
        assetPath('sandbox/relay.mjs'),
        proxy.socket,
        process.execPath,
        '-e',
        program,
      ],
      cwd: __dirname,
      env: {},
      timeoutMs: 30_000,
      maxOutputBytes: 10_000,
    });

    expect({ exitCode, tail }).toEqual({ exitCode: 7, tail: ['got hello'] });
  });
});
