import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, get as sendGet } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildComponent,
  httpModule,
  jco,
  jcoDirectory,
} from './__fixtures__/components';
import { assetPath } from './assetPath';
import { createModuleEngine } from './createModuleEngine';
import type {
  ModuleEngine,
  ProcessFailure,
  ServedModule,
  ServeOptions,
} from './types';

jest.setTimeout(120_000);
const describeWithJco = jcoDirectory ? describe : describe.skip;

const loopForEver = '(loop $for_ever (br $for_ever))';
const printForEver = `(loop $for_ever
  (call $log (i32.const 1024) (i32.const 6))
  (br $for_ever))`;
/** Streams until a write fails, which is how a guest hears that its caller has gone. */
const streamUntilCut = `(loop $more
  (call $print (i32.const 1024) (i32.const 6))
  (br_if $more (i32.eqz (i32.load8_u (i32.const 64)))))`;

/** Writes the first argument. */
const echoName = `(call $arguments (i32.const 32))
  (local.set $scratch (i32.load (i32.const 32)))
  (call $print (i32.load (local.get $scratch)) (i32.load offset=4 (local.get $scratch)))`;

describeWithJco('modules beside each other (needs the jco toolchain)', () => {
  let directory: string;
  let engine: ModuleEngine;
  const modules = new Map<string, ReturnType<typeof buildComponent>>();
  const running: ServedModule[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wasi-isolation-test-'));
    engine = createModuleEngine({
      jco,
      cacheDirectory: join(directory, 'cache'),
    });
  });
  afterEach(async () => {
    await Promise.all(
      running.splice(0).map(module => module.stop({ graceMs: 0 })),
    );
  });
  afterAll(async () => {
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  });

  function built(name: string, wat: string) {
    const known = modules.get(name) ?? buildComponent(directory, name, { wat });
    modules.set(name, known);
    return known;
  }

  async function serve(
    name: string,
    wat: string,
    options: Partial<ServeOptions> = {},
  ) {
    const { path, digest } = await built(name, wat);
    const log: string[] = [];
    const failures: ProcessFailure[] = [];
    const module = await engine.serve({
      prepared: await engine.prepare(path, digest),
      args: [],
      env: {},
      directories: [],
      onLog: line => log.push(line),
      onFailure: failure => failures.push(failure),
      ...options,
    });
    running.push(module);
    const get = async () => {
      const { status, body } = await module.request({ path: '/' });
      return { status, body: body.toString() };
    };
    return { module, log, failures, get };
  }

  it('a module that loops leaves the answers of another alone', async () => {
    const loop = await serve('loop', httpModule({ before: loopForEver }), {
      requestTimeoutMs: 5_000,
    });
    const neighbour = await serve('hello', httpModule({}));
    const looping = loop.get();
    const answers = [];
    for (let count = 0; count < 5; count++) {
      answers.push(await neighbour.get());
    }
    expect(answers).toEqual(Array(5).fill({ status: 200, body: 'hello\n' }));
    expect(await looping).toEqual({
      status: 504,
      body: 'The module did not answer in time.\n',
    });
  });

  it('a module that floods its log leaves the log of another whole', async () => {
    const flood = await serve('flood', httpModule({ before: printForEver }), {
      requestTimeoutMs: 4_000,
    });
    const neighbour = await serve(
      'printer',
      httpModule({ before: '(call $log (i32.const 1024) (i32.const 6))' }),
    );
    const flooding = flood.get();
    await neighbour.get();
    await neighbour.get();
    await flooding;
    await until(() => flood.failures.length === 1);
    expect(neighbour.log).toEqual(['hello', 'hello']);
    expect(
      new Set(flood.log.filter(line => !/WASM-RUNNER/.test(line))),
    ).toEqual(new Set(['hello']));
  });

  it('many modules are held by few processes, and each answers', async () => {
    const served: Awaited<ReturnType<typeof serve>>[] = [];
    for (let count = 0; count < 12; count++) {
      served.push(
        await serve('named', httpModule({ body: echoName }), {
          args: [`module ${count}`],
        }),
      );
    }
    const held = () =>
      served.reduce((sum, { module }) => sum + module.processes(), 0);
    await until(() => held() <= 8);
    const answers = [];
    for (const { get } of served) {
      answers.push((await get()).body);
    }
    expect(answers).toEqual(served.map((_, count) => `module ${count}`));
    await until(() => held() <= 8);
    expect(hostsOf(process.pid).length).toBeLessThanOrEqual(9);
  });

  it('a stream that its caller cuts off ends in the guest, too', async () => {
    const { module, failures } = await serve(
      'stream',
      httpModule({ body: streamUntilCut }),
      { maxProcesses: 1 },
    );
    const server = createServer((request, response) => {
      module.handle(request, response).catch(() => response.destroy());
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const firstChunk = () =>
      new Promise<string>((resolve, reject) => {
        sendGet({ port, host: '127.0.0.1', agent: false }, answer => {
          answer.once('data', chunk => {
            answer.destroy();
            resolve(chunk.subarray(0, 6).toString());
          });
        }).once('error', reject);
      });
    // The one process is free again only when the guest has ended.
    const before = hostsOf(process.pid);
    expect([await firstChunk(), await firstChunk()]).toEqual([
      'hello\n',
      'hello\n',
    ]);
    expect(hostsOf(process.pid)).toEqual(expect.arrayContaining(before));
    expect(failures).toEqual([]);
    server.close();
  });

  it('what a guest has answered reaches its caller while the guest goes on', async () => {
    const { module } = await serve(
      'endless',
      httpModule({
        body: `(call $print (i32.const 1024) (i32.const 6)) ${loopForEver}`,
      }),
      { maxProcesses: 1 },
    );
    const server = createServer((request, response) => {
      module.handle(request, response).catch(() => response.destroy());
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const seen = await new Promise(resolve => {
      sendGet({ port, host: '127.0.0.1', agent: false }, answer => {
        answer.once('data', chunk => {
          answer.destroy();
          resolve({ status: answer.statusCode, body: chunk.toString() });
        });
      });
    });
    expect(seen).toEqual({ status: 200, body: 'hello\n' });
    server.close();
  });

  it('a process that is killed costs its own request only', async () => {
    const victim = await serve('loop', httpModule({ before: loopForEver }), {
      maxProcesses: 1,
    });
    const neighbour = await serve('hello', httpModule({}));
    const killed = victim.get();
    await until(() => hostsOf(process.pid).some(isLooping));
    hostsOf(process.pid)
      .filter(isLooping)
      .forEach(pid => process.kill(pid, 'SIGKILL'));
    expect(await killed).toEqual({
      status: 502,
      body: 'The module did not answer; its log tells why.\n',
    });
    expect(await neighbour.get()).toEqual({ status: 200, body: 'hello\n' });
    await until(() => victim.failures.length === 1);
    expect(victim.failures).toEqual([
      {
        reason: 'crashed',
        message: 'the process ended with SIGKILL',
        count: 1,
        backoffMs: 0,
      },
    ]);
  });

  it('host processes end with their killed parent, and leave no folder', async () => {
    const folder = join(directory, 'orphan');
    await mkdir(folder);
    const parent = spawn(process.execPath, [
      '-e',
      `const { spawn } = require('node:child_process');
       const host = spawn(process.execPath, [${JSON.stringify(
         assetPath('serve.mjs'),
       )}, ${JSON.stringify(jcoDirectory)}, ${JSON.stringify(
        folder,
      )}], { stdio: ['pipe', 'inherit', 'inherit', 'pipe', 'pipe', 'pipe'], detached: true, env: {} });
       host.stdio[3].once('data', () => console.log(host.pid));`,
    ]);
    const host = await new Promise<number>(resolve =>
      parent.stdout.once('data', data => resolve(Number(data))),
    );
    expect(isAlive(host)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(host) && !existsSync(folder));
    expect({ alive: isAlive(host), folder: existsSync(folder) }).toEqual({
      alive: false,
      folder: false,
    });
  });

  it('a new engine removes the folders of a dead one, and no other', async () => {
    const { pid: dead } = spawnSync(process.execPath, ['-e', '']);
    const stale = await mkdtemp(join(tmpdir(), `wasi-host-${dead}-`));
    const alive = await mkdtemp(join(tmpdir(), `wasi-host-${process.ppid}-`));
    const other = createModuleEngine({
      jco,
      cacheDirectory: join(directory, 'cache'),
    });
    const { path, digest } = await built('hello', httpModule({}));
    await other.serve({
      prepared: await other.prepare(path, digest),
      args: [],
      env: {},
      directories: [],
      onLog: () => {},
    });
    await other.close();
    expect([existsSync(stale), existsSync(alive)]).toEqual([false, true]);
    await rm(alive, { recursive: true });
  });
});

function processes() {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,time=,args='], {
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .map(([pid, parent, time, ...rest]) => ({
      pid: Number(pid),
      parent: Number(parent),
      seconds: time
        .split(':')
        .reduce((minutes, part) => minutes * 60 + Number(part), 0),
      text: rest.join(' '),
    }));
}

function hostsOf(parent: number): number[] {
  return processes()
    .filter(row => row.parent === parent && row.text.includes('serve.mjs'))
    .map(({ pid }) => pid);
}

/** It has had the processor for longer than a process takes to come up. */
function isLooping(pid: number): boolean {
  return processes().some(row => row.pid === pid && row.seconds >= 3);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(happened: () => boolean): Promise<void> {
  while (!happened()) {
    await new Promise(setImmediate);
  }
}
