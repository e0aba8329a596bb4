import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NetworkSpec } from '@wasi-functions/backstage-plugin-wasi-common';
import { buildComponent, jco, jcoDirectory } from './__fixtures__/components';
import {
  readAttempt,
  socketModule,
  socketWorld,
  type SocketUse,
} from './__fixtures__/socketModule';
import { createModuleEngine } from './createModuleEngine';
import type { ModuleEngine, PreparedModule } from './types';

jest.setTimeout(120_000);
const describeWithJco = jcoDirectory ? describe : describe.skip;
const uses: SocketUse[] = [
  'tcpBind',
  'tcpConnect',
  'udpBind',
  'udpConnect',
  'udpOutgoing',
  'lookup',
];

describeWithJco('sockets of a guest (needs the jco toolchain)', () => {
  let directory: string;
  let engine: ModuleEngine;
  let port: number;
  const built = new Map<string, PreparedModule>();
  const connections: unknown[] = [];
  const target = createServer(socket => {
    connections.push(socket.remoteAddress);
    socket.destroy();
  });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wasi-sockets-test-'));
    engine = createModuleEngine({
      jco,
      cacheDirectory: join(directory, 'cache'),
    });
    await new Promise<void>(done => target.listen(0, '127.0.0.1', done));
    port = (target.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await engine?.close();
    target.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function prepare(use: SocketUse, to: number): Promise<PreparedModule> {
    const name = `${use}-${to}`;
    const known = built.get(name);
    if (known) {
      return known;
    }
    const { path, digest } = await buildComponent(directory, name, {
      wat: socketModule(use, to),
      world: socketWorld,
    });
    const prepared = await engine.prepare(path, digest);
    built.set(name, prepared);
    return prepared;
  }

  /** Lets a guest try each use with 127.0.0.1 and `to`. */
  async function attempts(
    network: NetworkSpec | undefined,
    to: (use: SocketUse) => number,
    tried: SocketUse[] = uses,
  ) {
    const log: string[] = [];
    const results: Partial<Record<SocketUse, string>> = {};
    for (const use of tried) {
      const prepared = await prepare(use, to(use));
      const module = await engine.serve({
        prepared,
        args: [],
        env: {},
        directories: [],
        ...(network && { network }),
        onLog: line => log.push(line),
      });
      const { body } = await module.request({ path: '/' });
      results[use] = readAttempt(body.toString());
      await module.stop();
    }
    return { results, log };
  }

  // A bind to the target's port would fail for another reason.
  const there = (use: SocketUse) => (use.endsWith('Bind') ? 0 : port);

  it('are all denied without network, and so are lookups, without a word in the log', async () => {
    expect(await attempts(undefined, there)).toEqual({
      results: {
        tcpBind: 'access-denied',
        tcpConnect: 'access-denied',
        udpBind: 'access-denied',
        udpConnect: 'access-denied',
        udpOutgoing: 'access-denied',
        lookup: 'permanent-resolver-failure',
      },
      log: [],
    });
    expect(connections).toEqual([]);
  });

  it('are all allowed with inherit', async () => {
    const { results } = await attempts({ inherit: true }, there);
    expect(results).toEqual({
      tcpBind: 'ok',
      tcpConnect: 'ok',
      udpBind: 'ok',
      udpConnect: 'ok',
      udpOutgoing: 'ok',
      lookup: 'ok',
    });
  });

  it('are denied where no pattern is listed, but lookups are allowed', async () => {
    const { results } = await attempts({}, there, ['tcpConnect', 'lookup']);
    expect(results).toEqual({ tcpConnect: 'access-denied', lookup: 'ok' });
  });

  it('are allowed by the list of their own kind only, and each decision is logged as by the real runner', async () => {
    expect(
      await attempts(
        {
          tcp: { connect: [`localhost:${port}`], bind: ['127.0.0.1:0'] },
          udp: { outgoing: [`*:${port}`], bind: ['127.0.0.1:*'] },
        },
        there,
      ),
    ).toEqual({
      results: {
        tcpBind: 'ok',
        tcpConnect: 'ok',
        udpBind: 'ok',
        udpConnect: 'access-denied',
        udpOutgoing: 'ok',
        lookup: 'ok',
      },
      log: [
        `[WASM-RUNNER] ALLOWED: 127.0.0.1:0 matches pattern '127.0.0.1:0'`,
        `[WASM-RUNNER] ALLOWED: 127.0.0.1:${port} matches pattern 'localhost:${port}'`,
        `[WASM-RUNNER] ALLOWED: 127.0.0.1:0 matches pattern '127.0.0.1:*'`,
        `[WASM-RUNNER] ALLOWED: 127.0.0.1:0 matches pattern '127.0.0.1:*'`,
        `[WASM-RUNNER] DENIED: 127.0.0.1:${port} does not match any pattern`,
        `[WASM-RUNNER] ALLOWED: 127.0.0.1:0 matches pattern '127.0.0.1:*'`,
        `[WASM-RUNNER] ALLOWED: 127.0.0.1:${port} matches pattern '*:${port}'`,
      ],
    });
  });

  it('are denied for another port, and for a host name with any port', async () => {
    const { results } = await attempts(
      { tcp: { connect: [`127.0.0.1:${port + 1}`, 'localhost:*'] } },
      there,
      ['tcpConnect'],
    );
    expect(results).toEqual({ tcpConnect: 'access-denied' });
  });
});
