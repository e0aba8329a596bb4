import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModuleEngine } from './createModuleEngine';
import {
  buildComponent,
  echoGrants,
  growForEver,
  httpModule,
  jco,
  jcoDirectory,
} from './__fixtures__/components';
import type {
  ModuleEngine,
  ProcessFailure,
  ServedModule,
  ServeOptions,
} from './types';

jest.setTimeout(120_000);
const describeWithJco = jcoDirectory ? describe : describe.skip;

describeWithJco('createModuleEngine (needs the jco toolchain)', () => {
  let directory: string;
  let engine: ModuleEngine;
  const running: ServedModule[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wasi-engine-test-'));
    engine = createModuleEngine({
      jco,
      cacheDirectory: join(directory, 'cache'),
    });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map(module => module.stop()));
  });
  afterAll(async () => {
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function serve(
    name: string,
    wat: string,
    options: Partial<ServeOptions> = {},
  ) {
    const { path, digest } = await buildComponent(
      join(directory, 'modules'),
      name,
      { wat },
    );
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

  it('answers a request', async () => {
    const { get } = await serve('hello', httpModule({}));
    expect(await get()).toEqual({ status: 200, body: 'hello\n' });
  });

  it('gives each request an instance of its own', async () => {
    const { get } = await serve(
      'counter',
      httpModule({
        body: `(i32.store8 (i32.const 3000) (i32.add (i32.const 48) (global.get $count)))
               (call $print (i32.const 3000) (i32.const 1))`,
      }),
    );
    expect([await get(), await get(), await get()]).toEqual(
      Array(3).fill({ status: 200, body: '1' }),
    );
  });

  it('shows the guest its own env and args and nothing of ours', async () => {
    const { get } = await serve('grants', httpModule({ body: echoGrants }), {
      env: { GREETING: 'hello', EMPTY: '' },
      args: ['--verbose', 'x y'],
    });
    expect(await get()).toEqual({
      status: 200,
      body: 'GREETING=hello\nEMPTY=\n--verbose\nx y\n',
    });
  });

  it('answers 502 for a trap, logs it, and lives on in the same process', async () => {
    const { get, log, failures, module } = await serve(
      'trap',
      httpModule({ before: 'unreachable' }),
    );
    expect([(await get()).status, (await get()).status]).toEqual([502, 502]);
    expect(log.filter(line => line.startsWith('error serving'))).toEqual([
      'error serving client[1]: wasm trap: wasm `unreachable` instruction executed',
      'error serving client[2]: wasm trap: wasm `unreachable` instruction executed',
    ]);
    expect({ failures, processes: module.processes() }).toEqual({
      failures: [],
      processes: 1,
    });
  });

  it('does not let a guest end the process by wasi:cli/exit', async () => {
    const { get, log, failures } = await serve(
      'exit',
      httpModule({ before: '(call $exit (i32.const 1))' }),
    );
    expect((await get()).status).toBe(502);
    expect(log).toEqual(['error serving client[1]: guest exited with code 1']);
    expect(failures).toEqual([]);
  });

  it('cuts the answer off when the guest traps half way', async () => {
    const { module } = await serve(
      'half',
      httpModule({
        body: '(call $print (i32.const 1024) (i32.const 6)) unreachable',
      }),
    );
    await expect(module.request({ path: '/' })).rejects.toMatchObject({
      code: 'MODULE_RUN_FAILED',
    });
  });

  it('logs what the guest prints, line by line', async () => {
    const { get, log } = await serve(
      'printer',
      httpModule({
        data: 'one\\ntwo\\n',
        before: '(call $log (i32.const 1024) (i32.const 8))',
      }),
    );
    await get();
    expect(log).toEqual(['one', 'two']);
  });

  it('answers 504 for a guest that loops, and the next request by another process', async () => {
    const { get, failures } = await serve(
      'loop',
      httpModule({ before: '(loop $for_ever (br $for_ever))' }),
      { requestTimeoutMs: 300 },
    );
    expect((await get()).status).toBe(504);
    await until(() => failures.length === 1);
    expect((await get()).status).toBe(504);
    await until(() => failures.length === 2);
    expect(failures.map(({ reason, count }) => ({ reason, count }))).toEqual([
      { reason: 'timeout', count: 1 },
      { reason: 'timeout', count: 2 },
    ]);
  });

  it('ends a guest that outgrows its memory limit, and tells so', async () => {
    const { get, failures } = await serve(
      'growth',
      httpModule({ before: growForEver }),
      { memoryLimitBytes: 128 * 1024 * 1024 },
    );
    expect((await get()).status).toBe(502);
    await until(() => failures.length === 1);
    expect(failures).toEqual([
      {
        reason: 'out-of-memory',
        message: 'it held more than 134217728 bytes',
        count: 1,
        backoffMs: 0,
      },
    ]);
  });

  it('refuses requests for a while where a guest keeps failing', async () => {
    const { get, failures } = await serve(
      'growth',
      httpModule({ before: growForEver }),
      { memoryLimitBytes: 96 * 1024 * 1024 },
    );
    const statuses = [];
    for (let index = 0; index < 3; index++) {
      statuses.push((await get()).status);
      await until(() => failures.length >= Math.min(index + 1, 2));
    }
    expect(statuses).toEqual([502, 502, 503]);
    expect(failures.map(({ backoffMs }) => backoffMs)).toEqual([0, 500]);
  });

  it('holds no process when idle, and starts one for the next request', async () => {
    const { get, module } = await serve('hello', httpModule({}), {
      idleTimeoutMs: 1,
    });
    await get();
    await until(() => module.processes() === 0);
    expect(await get()).toEqual({ status: 200, body: 'hello\n' });
  });

  it('translates a module once for each digest', async () => {
    const { path, digest } = await buildComponent(directory, 'once', {
      wat: httpModule({}),
    });
    const [first, second] = await Promise.all([
      engine.prepare(path, digest),
      engine.prepare(path, digest),
    ]);
    await rm(path);
    expect(second).toEqual(first);
    expect(await engine.prepare(path, digest)).toEqual(first);
  });

  it('translates again what was damaged on disk', async () => {
    const { path, digest } = await buildComponent(directory, 'damaged', {
      wat: httpModule({ data: 'damaged' }),
    });
    const before = await engine.prepare(path, digest);
    const core = join(before.directory, 'component.core.wasm');
    const whole = await readFile(core);
    await writeFile(core, whole.subarray(0, whole.length / 2));
    const other = createModuleEngine({
      jco,
      cacheDirectory: join(directory, 'cache'),
    });
    expect(await other.prepare(path, digest)).toEqual(before);
    await other.close();
    expect(await readFile(core)).toEqual(whole);
  });
});

async function until(happened: () => boolean): Promise<void> {
  while (!happened()) {
    await new Promise(setImmediate);
  }
}

describe('createModuleEngine without jco', () => {
  it('says what is missing', async () => {
    const engine = createModuleEngine({
      jco: async () => undefined,
      cacheDirectory: tmpdir(),
    });
    await expect(
      engine.prepare('/nowhere.wasm', 'sha256:0'),
    ).rejects.toMatchObject({ code: 'TOOLCHAIN_MISSING' });
  });
});
