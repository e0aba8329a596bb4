import {
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectModule } from '../inspect';
import {
  capabilitiesHandler,
  capabilitiesImports,
} from './__fixtures__/capabilitiesHandler';
import { buildFunction, jco, jcoDirectory } from './__fixtures__/components';
import { createModuleEngine } from './createModuleEngine';
import type {
  ModuleEngine,
  PreparedModule,
  ServedModule,
  ServeOptions,
} from './types';

jest.setTimeout(180_000);
const describeWithJco = jcoDirectory ? describe : describe.skip;

describeWithJco('what a guest may do (needs the jco toolchain)', () => {
  let directory: string;
  let engine: ModuleEngine;
  let prepared: PreparedModule;
  let port: number;
  const running: ServedModule[] = [];
  const target = createServer((_request, response) => {
    response.end('reached');
  });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wasi-limits-test-'));
    const path = await buildFunction(directory, {
      source: capabilitiesHandler,
      imports: capabilitiesImports,
    });
    engine = createModuleEngine({
      jco,
      cacheDirectory: join(directory, 'cache'),
    });
    const { digest } = await inspectModule(path);
    prepared = await engine.prepare(path, digest);
    await new Promise<void>(done => target.listen(0, '127.0.0.1', done));
    port = (target.address() as AddressInfo).port;
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map(module => module.stop()));
  });
  afterAll(async () => {
    await engine?.close();
    target.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function serve(options: Partial<ServeOptions>) {
    const log: string[] = [];
    const module = await engine.serve({
      prepared,
      args: [],
      env: {},
      directories: [],
      onLog: line => log.push(line),
      ...options,
    });
    running.push(module);
    const attempt = async (
      name: string,
      query: Record<string, string | number> = {},
    ) => {
      const search = new URLSearchParams(
        Object.entries(query).map(([key, value]) => [key, String(value)]),
      );
      const { body } = await module.request({ path: `/${name}?${search}` });
      return JSON.parse(body.toString());
    };
    return { module, log, attempt };
  }

  it('sees no directory without a grant', async () => {
    const { attempt } = await serve({});
    expect(await attempt('directories')).toEqual({ ok: [] });
  });

  it('does not limit outgoing HTTP, as the real runner, unless asked to', async () => {
    const path = `/fetch?url=http://127.0.0.1:${port}/`;
    const free = await serve({});
    const { body } = await free.module.request({ path });
    expect(body.toString()).toBe('reached');
    const limited = await serve({ limitOutgoingHttp: true });
    expect((await limited.module.request({ path })).status).toBe(502);
    expect(limited.log).toEqual([
      `[WASM-RUNNER] DENIED: outgoing HTTP to 127.0.0.1:${port} does not match any pattern`,
    ]);
    const listed = await serve({
      limitOutgoingHttp: true,
      network: { tcp: { connect: [`127.0.0.1:${port}`] } },
    });
    expect((await listed.module.request({ path })).body.toString()).toBe(
      'reached',
    );
  });

  it('lets a guest write in a writable directory and not in a read-only one', async () => {
    const [writable, readOnly] = [join(directory, 'rw'), join(directory, 'ro')];
    await mkdir(writable);
    await mkdir(readOnly);
    await writeFile(join(readOnly, 'kept'), 'kept');
    const { attempt } = await serve({
      directories: [
        { hostPath: writable, guestPath: '/rw', readOnly: false },
        { hostPath: readOnly, guestPath: '/ro', readOnly: true },
      ],
    });
    const refused = { error: 'not-permitted' };
    expect({
      directories: await attempt('directories'),
      write: await attempt('write', { dir: '/rw', path: 'new' }),
      read: await attempt('read', { dir: '/ro', path: 'kept' }),
      writeReadOnly: await attempt('write', { dir: '/ro', path: 'new' }),
      overwrite: await attempt('write', { dir: '/ro', path: 'kept' }),
      createDirectory: await attempt('createDirectory', {
        dir: '/ro',
        path: 'new',
      }),
      unlink: await attempt('unlink', { dir: '/ro', path: 'kept' }),
    }).toEqual({
      directories: { ok: ['/rw', '/ro'] },
      write: { ok: 'written' },
      read: { ok: 'kept' },
      writeReadOnly: refused,
      overwrite: refused,
      createDirectory: refused,
      unlink: refused,
    });
    expect(await readFile(join(writable, 'new'), 'utf8')).toBe('written');
    expect(await readFile(join(readOnly, 'kept'), 'utf8')).toBe('kept');
  });

  it('keeps a guest inside its directory, also through symbolic links', async () => {
    const inside = join(directory, 'inside');
    await mkdir(inside);
    await writeFile(join(directory, 'outside'), 'secret');
    await symlink(join(directory, 'outside'), join(inside, 'planted'));
    const { attempt } = await serve({
      directories: [{ hostPath: inside, guestPath: '/d', readOnly: false }],
    });
    const refused = { error: 'not-permitted' };
    expect(await attempt('read', { dir: '/d', path: '../outside' })).toEqual(
      refused,
    );
    expect(await attempt('read', { dir: '/d', path: 'planted' })).toEqual(
      refused,
    );
    await attempt('symlink', { dir: '/d', path: 'own', target: '../outside' });
    expect(await attempt('read', { dir: '/d', path: 'own' })).toEqual(refused);
    await attempt('symlink', { dir: '/d', path: 'new', target: '../made' });
    expect(await attempt('write', { dir: '/d', path: 'new' })).toEqual(refused);
  });

  it('passes method, headers and body in, and status, repeated headers and body out', async () => {
    const { module } = await serve({});
    const sent = 'x'.repeat(300_000);
    const { status, headers, body } = await module.request({
      method: 'POST',
      path: '/echo',
      headers: { 'x-test': 'seen' },
      body: sent,
    });
    expect({
      status,
      method: headers['x-method'],
      seen: headers['x-seen'],
      cookies: headers['set-cookie'],
      same: body.toString() === sent,
    }).toEqual({
      status: 201,
      method: 'POST',
      seen: 'seen',
      cookies: ['a=1', 'b=2'],
      same: true,
    });
  });

  it('hands a guest the body of its own request, whatever an earlier guest left unread', async () => {
    const { module } = await serve({ maxProcesses: 1 });
    const echo = async (letter: string) => {
      const sent = letter.repeat(300_000);
      const { body } = await module.request({
        method: 'POST',
        path: '/echo',
        body: sent,
      });
      return body.toString() === sent;
    };
    const leave = async () => {
      const { body } = await module.request({
        method: 'POST',
        path: '/log',
        body: 'unread'.repeat(100_000),
      });
      return body.toString();
    };
    expect([
      await echo('a'),
      await leave(),
      await echo('b'),
      await leave(),
      await echo('c'),
    ]).toEqual([true, 'logged', true, 'logged', true]);
  });

  it('serves a fetch-style component again and again, and logs both of its streams', async () => {
    const { module, log } = await serve({});
    await module.request({ path: '/log' });
    await module.request({ path: '/log' });
    expect(log.sort()).toEqual([
      'to stderr',
      'to stderr',
      'to stdout',
      'to stdout',
    ]);
  });
});
