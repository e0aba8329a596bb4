import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FuncConfig } from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../config';
import { buildFunction, HTTP_COMPONENT } from './__testUtils__/buildTester';
import { writeScriptedJco } from './__testUtils__/writeScriptedJco';

jest.setTimeout(120_000);

const hasProc = existsSync('/proc/self/stat');
const originalTmpdir = process.env.TMPDIR;

let root: string;
let workspace: string;
let temporary: string;
let log: string[];

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'build-faults-')));
  workspace = join(root, 'workspace');
  temporary = join(root, 'tmp');
  await mkdir(join(workspace, 'wit'), { recursive: true });
  await mkdir(temporary);
  await writeScriptedJco(join(root, 'toolchains'));
  process.env.TMPDIR = temporary;
  log = [];
});

afterEach(async () => {
  process.env.TMPDIR = originalTmpdir;
  if (originalTmpdir === undefined) {
    delete process.env.TMPDIR;
  }
  await rm(root, { recursive: true, force: true });
});

async function build(
  program: string,
  options: {
    limits?: Partial<WasiConfig['build']>;
    build?: Partial<FuncConfig['build']>;
    signal?: AbortSignal;
    onLine?: (line: string) => void;
  } = {},
) {
  await writeFile(join(workspace, 'handler.js'), program);
  return buildFunction({
    directory: workspace,
    runtime: 'js-wasi',
    toolchainsDirectory: join(root, 'toolchains'),
    log: line => {
      log.push(line);
      options.onLine?.(line);
    },
    ...options,
  });
}

/** Processes whose working directory is, or was, below the test's own folder. */
function survivors(): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(name => {
      try {
        return readlinkSync(`/proc/${name}/cwd`).startsWith(root);
      } catch {
        return false;
      }
    });
}

async function expectNothingLeft() {
  expect(await readdir(temporary)).toEqual([]);
  expect((await readdir(workspace)).sort()).toEqual(['handler.js', 'wit']);
  if (existsSync('/proc/self/stat')) {
    expect(survivors()).toEqual([]);
  }
}

async function expectNextBuildWorks() {
  await build('succeed();');
  expect(await readFile(join(workspace, 'module.wasm'))).toEqual(
    HTTP_COMPONENT,
  );
  expect(await readdir(temporary)).toEqual([]);
}

describe('a build that does harm', () => {
  const IDLE = 'setInterval(() => {}, 1000);';

  it.each([
    {
      what: 'never ends',
      program: `console.log('still at it'); ${IDLE}`,
      limits: { timeoutMs: 3_000 },
      code: 'BUILD_TIMEOUT',
      message: /^node was stopped after \d\.\d+ seconds\./,
      remedy: /wasi\.build\.timeoutSeconds/,
    },
    {
      what: 'ignores SIGTERM',
      program: `process.on('SIGTERM', () => {}); ${IDLE}`,
      limits: { timeoutMs: 3_000 },
      code: 'BUILD_TIMEOUT',
      message: /^node was stopped after/,
      remedy: /wasi\.build\.timeoutSeconds/,
    },
    {
      what: 'prints lines for ever',
      program: `(function more() { process.stdout.write('x\\n'.repeat(500), more); })();`,
      limits: { maxOutputBytes: 100_000 },
      code: 'BUILD_OUTPUT_LIMIT',
      message: /^node was stopped after 100000 bytes of output\./,
      remedy: /wasi\.build\.maxOutputBytes/,
    },
    {
      what: 'prints one line for ever',
      program: `(function more() { process.stderr.write('x'.repeat(1000), more); })();`,
      limits: { maxOutputBytes: 100_000 },
      code: 'BUILD_OUTPUT_LIMIT',
      message: /^node was stopped after 100000 bytes of output\./,
      remedy: /wasi\.build\.maxOutputBytes/,
    },
    {
      what: 'fills the disk where it works',
      program: `const fs = require('node:fs'); fs.mkdirSync('a/b', { recursive: true });
        for (let i = 0; i < 40; i += 1) fs.writeFileSync('a/b/' + i, Buffer.alloc(1e5, 1)); ${IDLE}`,
      limits: { maxWorkspaceBytes: 2_000_000 },
      code: 'BUILD_DISK_LIMIT',
      message: /^node was stopped with more than 2000000 bytes on disk\./,
      remedy: /wasi\.build\.maxWorkspaceBytes/,
    },
    {
      what: 'fills the disk with temporary files',
      program: `require('node:fs').writeFileSync(require('node:os').tmpdir() + '/big', Buffer.alloc(4e6, 1)); ${IDLE}`,
      limits: { maxWorkspaceBytes: 2_000_000 },
      code: 'BUILD_DISK_LIMIT',
      message: /^node was stopped with more than 2000000 bytes on disk\./,
      remedy: /wasi\.build\.maxWorkspaceBytes/,
    },
  ])(
    'is stopped when it $what, leaves nothing, and the next one works',
    async ({ program, limits, code, message, remedy }) => {
      await expect(build(program, { limits })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      });
      expect(log.join('').length).toBeLessThanOrEqual(101_000);
      await expectNothingLeft();
      await expectNextBuildWorks();
    },
  );

  // As many as it takes to see that a limit holds: a bomb that our own mistake would not let off.
  (hasProc ? describe : describe.skip)('where /proc tells processes', () => {
    it('is stopped when it forks for ever', async () => {
      await expect(
        build(
          `const { spawn } = require('node:child_process');
         for (let i = 0; i < 300; i += 1)
           spawn('sleep', ['1000'], { stdio: 'ignore', detached: i % 2 === 0 }).unref();
         ${IDLE}`,
        ),
      ).rejects.toMatchObject({
        code: 'BUILD_PROCESS_LIMIT',
        message: 'node was stopped with more than 256 processes.',
      });
      await expectNothingLeft();
      await expectNextBuildWorks();
    });
  });

  it('is told from one that failed when something else kills it', async () => {
    await expect(
      build(`process.kill(process.pid, 'SIGKILL'); ${IDLE}`),
    ).rejects.toMatchObject({
      code: 'BUILD_KILLED',
      message: expect.stringMatching(/was killed \(SIGKILL\), by no limit/),
      remedy: expect.stringMatching(/^Try again;/),
    });
    await expectNothingLeft();
    await expectNextBuildWorks();
  });

  it('is stopped when the task is cancelled', async () => {
    const controller = new AbortController();

    await expect(
      build(`console.log('ready'); ${IDLE}`, {
        signal: controller.signal,
        onLine: line => line === 'ready' && controller.abort(),
      }),
    ).rejects.toMatchObject({
      code: 'BUILD_ABORTED',
      message: 'node was cancelled.',
      remedy: 'Start it again.',
    });
    await expectNothingLeft();
    await expectNextBuildWorks();
  });

  it('leaves none of the files that it writes beside the source', async () => {
    await build(
      `const fs = require('node:fs');
       fs.writeFileSync('left.txt', ''); fs.writeFileSync('handler.js', 'changed');
       fs.writeFileSync(process.env.HOME + '/.npmrc', 'registry=http://evil.test');
       succeed();`,
    );

    expect((await readdir(workspace)).sort()).toEqual([
      'handler.js',
      'module.wasm',
      'wit',
    ]);
    expect(await readFile(join(workspace, 'handler.js'), 'utf8')).toContain(
      'left.txt',
    );
    expect(await readdir(temporary)).toEqual([]);
  });

  it('does not start with a folder that is larger than configured', async () => {
    await writeFile(join(workspace, 'big.bin'), Buffer.alloc(100_000));

    await expect(
      build(`console.log('started');`, {
        limits: { maxWorkspaceBytes: 50_000 },
      }),
    ).rejects.toMatchObject({
      code: 'BUILD_DISK_LIMIT',
      message: "The function's folder holds more than 50000 bytes.",
    });
    expect(log).toEqual([]);
    expect(await readdir(temporary)).toEqual([]);
  });
});

describe('the environment of a build', () => {
  it('is a fixed one, whatever the backend, func.yaml and the source have', async () => {
    process.env.BACKEND_SECRET = 'hunter2';
    await writeFile(join(workspace, '.npmrc'), 'node-options=--trace-warnings');
    await writeFile(join(workspace, '.env'), 'NODE_OPTIONS=--trace-warnings');
    await mkdir(join(workspace, 'node_modules', '.bin'), { recursive: true });
    await writeFile(
      join(workspace, 'node_modules', '.bin', 'jco'),
      '#!/bin/sh\necho taken over\n',
      { mode: 0o755 },
    );
    await writeFile(
      join(workspace, 'package.json'),
      JSON.stringify({ scripts: { preinstall: 'echo taken over' } }),
    );
    try {
      await writeFile(
        join(workspace, 'handler.js'),
        `console.log(JSON.stringify(Object.entries(process.env).map(([name, value]) =>
           [name, value.replaceAll(process.cwd().replace(/.source$/, ''), '<scratch>')])));
         succeed();`,
      );
      await buildFunction({
        directory: workspace,
        runtime: 'js-wasi',
        toolchainsDirectory: join(root, 'toolchains'),
        log: line => log.push(line),
        build: { buildEnvs: [{ name: 'APP_VERSION', value: '1.2' }] },
      });
    } finally {
      delete process.env.BACKEND_SECRET;
    }
    const environment = Object.fromEntries(
      JSON.parse(log.find(line => line.startsWith('[['))!),
    );
    expect(Object.keys(environment).sort()).toEqual([
      'APP_VERSION',
      'HOME',
      'LANG',
      'NO_COLOR',
      'PATH',
      'SOURCE_DATE_EPOCH',
      'TMPDIR',
      'WASI_BUILD_GUARD',
      'WASI_COMMAND_MARK',
    ]);
    expect(environment).toMatchObject({
      APP_VERSION: '1.2',
      HOME: '<scratch>',
      TMPDIR: '<scratch>',
      PATH: expect.not.stringContaining(workspace),
    });
    expect(log.join('\n')).not.toMatch(/hunter2|taken over|evil/);
  });

  it.each([
    ['NODE_OPTIONS', '--require ./evil.js'],
    ['LD_PRELOAD', './evil.so'],
    ['PATH', './node_modules/.bin'],
    ['TOKEN', '{{ env:GITHUB_TOKEN }}'],
  ])(
    'does not start with the variable %s of func.yaml',
    async (name, value) => {
      await expect(
        build(`console.log('started');`, {
          build: { buildEnvs: [{ name, value }] },
        }),
      ).rejects.toMatchObject({ code: 'BUILD_ENV_REFUSED' });
      expect(log).not.toContain('started');
    },
  );
});
