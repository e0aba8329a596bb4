import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FuncConfig } from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../config';
import { buildFunction, HTTP_COMPONENT } from './__testUtils__/buildTester';
import { writeScriptedJco } from './__testUtils__/writeScriptedJco';
import { createBuildCache } from './buildCache';

jest.setTimeout(60_000);

let root: string;
let directory: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'build-cache-test-'));
  directory = join(root, 'cache');
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('createBuildCache', () => {
  const key = (digit: string) => digit.repeat(64);

  async function module(content: string): Promise<string> {
    const path = join(root, 'module.wasm');
    await writeFile(path, content);
    return path;
  }

  it('gives what was kept for a key, and nothing for another', async () => {
    const cache = createBuildCache({
      directory: async () => directory,
      maxBytes: 100,
    });
    const target = join(root, 'target');
    await cache.keep(key('a'), await module('one'));

    expect(await cache.take(key('b'), target)).toBe(false);
    expect(await cache.take(key('a'), target)).toBe(true);
    expect(await readFile(target, 'utf8')).toBe('one');
    expect((await stat(directory)).mode % 0o1000).toBe(0o700);
  });

  it.each([
    ['changed', 'two'],
    ['cut off', ''],
  ])('drops an entry that was %s on disk', async (_, content) => {
    const cache = createBuildCache({
      directory: async () => directory,
      maxBytes: 100,
    });
    await cache.keep(key('a'), await module('one'));
    const [entry] = await readdir(directory);
    await writeFile(join(directory, entry), content);

    expect(await cache.take(key('a'), join(root, 'target'))).toBe(false);
    expect(await readdir(root)).not.toContain('target');
    expect(await readdir(directory)).toEqual([]);
  });

  it('drops those unused for longest when it is full', async () => {
    let now = 1_000_000;
    const cache = createBuildCache({
      directory: async () => directory,
      maxBytes: 7,
      now: () => now,
    });
    for (const name of ['a', 'b']) {
      now += 1_000;
      await cache.keep(key(name), await module(`in${name}`));
    }
    now += 1_000;
    await cache.take(key('a'), join(root, 'target'));
    now += 1_000;
    await cache.keep(key('c'), await module('inc'));

    expect(
      (await readdir(directory)).map(name => name.slice(0, 1)).sort(),
    ).toEqual(['a', 'c']);
  });

  it('keeps no module that is larger than itself', async () => {
    const cache = createBuildCache({
      directory: async () => directory,
      maxBytes: 2,
    });
    await cache.keep(key('a'), await module('one'));

    expect(await cache.take(key('a'), join(root, 'target'))).toBe(false);
  });

  it('takes nothing that a killed backend left half written, and clears it away in time', async () => {
    const cache = createBuildCache({
      directory: async () => directory,
      maxBytes: 100,
    });
    await mkdir(directory);
    await writeFile(join(directory, '.draft-old'), 'on');
    await utimes(join(directory, '.draft-old'), 0, 0);
    await writeFile(join(directory, '.draft-new'), 'on');

    expect(await cache.take(key('a'), join(root, 'target'))).toBe(false);
    await cache.keep(key('a'), await module('one'));
    expect((await readdir(directory)).map(name => name.slice(0, 10))).toEqual([
      '.draft-new',
      'aaaaaaaaaa',
    ]);
  });

  it('serves builds that end at once', async () => {
    const caches = [0, 1, 2, 3].map(() =>
      createBuildCache({ directory: async () => directory, maxBytes: 10_000 }),
    );
    const path = await module('one');
    await Promise.all(caches.map(cache => cache.keep(key('a'), path)));

    expect(await readdir(directory)).toHaveLength(1);
    expect(await caches[0].take(key('a'), join(root, 'target'))).toBe(true);
  });
});

describe('a build with a cache', () => {
  const runs = () =>
    readFile(join(root, 'runs'), 'utf8').then(text => text.length);
  const PROGRAM = (where: string) =>
    `require('node:fs').appendFileSync(${JSON.stringify(
      join(where, 'runs'),
    )}, '.'); succeed();`;
  let log: string[];
  let toolchains: string;

  beforeEach(async () => {
    log = [];
    toolchains = join(root, 'toolchains');
    await writeScriptedJco(toolchains);
  });

  async function workspaceWith(files: Record<string, string>) {
    const workspace = await mkdtemp(join(root, 'workspace-'));
    await mkdir(join(workspace, 'wit'));
    for (const [name, text] of Object.entries({
      'handler.js': PROGRAM(root),
      ...files,
    })) {
      await writeFile(join(workspace, name), text);
    }
    return workspace;
  }

  const build = (
    workspace: string,
    options: {
      name?: string;
      limits?: Partial<WasiConfig['build']>;
      build?: Partial<FuncConfig['build']>;
      toolchains?: string;
    } = {},
  ) =>
    buildFunction({
      directory: workspace,
      runtime: 'js-wasi',
      toolchainsDirectory: options.toolchains ?? toolchains,
      log: line => log.push(line),
      build: options.build,
      limits: { cache: { directory, maxBytes: 1_000_000 }, ...options.limits },
    });

  it('runs no tool for unchanged source, wherever it lies, and says so in the result', async () => {
    const first = await build(await workspaceWith({}));
    const elsewhere = await workspaceWith({
      'func.yaml': 'name: hello # a comment, and another variable',
    });
    log = [];

    expect(await build(elsewhere)).toEqual({
      path: join(elsewhere, 'module.wasm'),
      size: first.size,
      durationMs: expect.any(Number),
      phases: [{ name: 'stage sources', durationMs: expect.any(Number) }],
      tools: { jco: '1.34.0' },
      unchanged: true,
      findings: [],
    });
    expect(await readFile(join(elsewhere, 'module.wasm'))).toEqual(
      HTTP_COMPONENT,
    );
    expect(log).toEqual([expect.stringMatching(/^stage sources: /)]);
    // Once more, with the module of the last build in the folder.
    expect((await build(elsewhere)).unchanged).toBe(true);
    expect(await runs()).toBe(1);
  });

  it.each([
    ['a file more', { 'other.js': '' }],
    ['another source', { 'handler.js': '/**/ succeed();' }],
    ['the same text in another file', { 'handler.ts': 'x' }],
  ])('builds anew with %s', async (_, files) => {
    await build(await workspaceWith({}));

    expect((await build(await workspaceWith(files))).unchanged).toBe(false);
  });

  it('builds anew with another version of the tool', async () => {
    await build(await workspaceWith({}));
    const newer = join(root, 'newer');
    await writeScriptedJco(newer, '1.35.0');

    expect(
      (await build(await workspaceWith({}), { toolchains: newer })).unchanged,
    ).toBe(false);
  });

  it.each([
    [
      'another variable of func.yaml',
      { buildEnvs: [{ name: 'A', value: '2' }] },
    ],
    ['another optimisation', { optimize: 'none' as const }],
    ['another source named', { source: 'handler.js' }],
  ])('builds anew with %s', async (_, changed) => {
    const settings = { buildEnvs: [{ name: 'A', value: '1' }] };
    await build(await workspaceWith({}), { build: settings });

    expect(
      (await build(await workspaceWith({}), { build: settings })).unchanged,
    ).toBe(true);
    expect(
      (
        await build(await workspaceWith({}), {
          build: { ...settings, ...changed },
        })
      ).unchanged,
    ).toBe(false);
  });

  it('builds anew where the operator gives tools another environment', async () => {
    await build(await workspaceWith({}), { limits: { env: { MIRROR: 'a' } } });

    expect(
      (
        await build(await workspaceWith({}), {
          limits: { env: { MIRROR: 'b' } },
        })
      ).unchanged,
    ).toBe(false);
  });

  it('does not mind a budget, which changes no module', async () => {
    await build(await workspaceWith({}), { build: { sizeBudget: '1Mi' } });

    expect(
      await build(await workspaceWith({}), { build: { sizeBudget: '1' } }),
    ).toMatchObject({
      unchanged: true,
      findings: [{ code: 'MODULE_OVER_BUDGET' }],
    });
  });

  it('keeps nothing of a build that failed', async () => {
    await expect(
      build(await workspaceWith({ 'handler.js': 'process.exit(1)' })),
    ).rejects.toMatchObject({ code: 'BUILD_FAILED' });

    expect(await readdir(directory)).toEqual([]);
  });

  it('builds anew where the kept module was tampered with', async () => {
    await build(await workspaceWith({}));
    const [entry] = await readdir(directory);
    await writeFile(join(directory, entry), 'evil');
    const workspace = await workspaceWith({});

    expect((await build(workspace)).unchanged).toBe(false);
    expect(await readFile(join(workspace, 'module.wasm'))).toEqual(
      HTTP_COMPONENT,
    );
  });

  it('holds a kept module to the size that is allowed today', async () => {
    await build(await workspaceWith({}));

    await expect(
      build(await workspaceWith({}), { limits: { maxModuleBytes: 10 } }),
    ).rejects.toMatchObject({ code: 'MODULE_TOO_LARGE' });
  });

  it('builds all the same where the cache cannot be written, and says so', async () => {
    await writeFile(directory, 'a file in its place');

    expect((await build(await workspaceWith({}))).unchanged).toBe(false);
    expect(log).toContain('The cache of builds cannot be used: EEXIST.');
  });
});
