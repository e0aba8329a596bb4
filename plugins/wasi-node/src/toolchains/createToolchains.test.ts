import { existsSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithJco, TOOLCHAINS } from '../__testUtils__/jco';
import { createToolchains } from './createToolchains';
import { isOlder } from './version';

describe('createToolchains', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'toolchains-')));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  function toolchains(
    options: {
      paths?: Record<string, string>;
      searchPath?: string;
      now?: () => number;
    } = {},
  ) {
    return createToolchains(
      { toolchains: { directory, paths: options.paths ?? {} } },
      { searchPath: options.searchPath ?? '', now: options.now },
    );
  }

  /** A program that prints its version, in place of jco. */
  async function program(path: string, version: string): Promise<string> {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, `#!/bin/sh\necho ${version}\n`);
    await chmod(path, 0o755);
    return path;
  }

  it('names every tool that is missing at once, each with how to install it', async () => {
    expect(await toolchains().check('go-wasi')).toEqual([
      {
        code: 'TOOLCHAIN_MISSING',
        severity: 'error',
        message: 'go is missing.',
        remedy: 'Install Go 1.24 or newer from go.dev/dl.',
      },
      {
        code: 'TOOLCHAIN_MISSING',
        severity: 'error',
        message: 'jco is missing.',
        remedy: expect.stringContaining('npm install -g @bytecodealliance/jco'),
      },
    ]);
  });

  it('needs no tool for a module that exists already', async () => {
    expect(await toolchains().check('prebuilt-wasi')).toEqual([]);
  });

  it('names a runtime that there is not', async () => {
    expect(await toolchains().check('cobol-wasi')).toEqual([
      expect.objectContaining({
        code: 'RUNTIME_UNKNOWN',
        message: 'There is no runtime cobol-wasi.',
      }),
    ]);
  });

  it.each([
    ['too old', '1.33.9', 'TOOLCHAIN_VERSION', /1\.34\.0 or newer.*1\.33\.9/],
    ['without a version', 'hello', 'TOOLCHAIN_VERSION', /found no version/],
  ])('refuses a tool that is %s', async (_, version, code, message) => {
    await program(join(directory, 'bin', 'jco'), version);

    const findings = await toolchains({
      searchPath: join(directory, 'bin'),
    }).check('wat-wasi');

    expect(findings).toEqual([
      expect.objectContaining({
        code,
        message: expect.stringMatching(message),
      }),
    ]);
  });

  it('tells a tool that fails when asked for its version', async () => {
    const path = join(directory, 'bin', 'jco');
    await program(path, '1.34.0');
    await writeFile(path, '#!/bin/sh\necho broken library >&2\nexit 3\n');

    expect(
      await toolchains({ paths: { jco: path } }).check('wat-wasi'),
    ).toEqual([
      expect.objectContaining({
        code: 'TOOLCHAIN_MISSING',
        message:
          'jco is not usable: `jco --version` ended with 3 (broken library).',
      }),
    ]);
  });

  it('asks a tool again that was killed while it answered', async () => {
    const path = await program(join(directory, 'bin', 'jco'), '1.34.0');
    await writeFile(
      path,
      `#!/bin/sh\n[ -e ${path}.asked ] || { : > ${path}.asked; kill -9 $$; }\necho 1.34.0\n`,
    );

    expect(
      await toolchains({ paths: { jco: path } }).check('wat-wasi'),
    ).toEqual([]);
    expect(existsSync(`${path}.asked`)).toBe(true);
  });

  it('prefers the configured path to the toolchains folder, and that to the PATH', async () => {
    const configured = await program(join(directory, 'here', 'jco'), '1.36.0');
    const installed = await program(
      join(directory, 'jco', 'bin', 'jco'),
      '1.35.0',
    );
    const onPath = await program(join(directory, 'path', 'jco'), '1.34.0');
    const searchPath = join(directory, 'path');

    const found = async (options: { paths?: Record<string, string> }) =>
      (await toolchains({ searchPath, ...options }).find('jco'))?.path;
    expect(await found({ paths: { jco: configured } })).toBe(configured);
    expect(await found({})).toBe(installed);
    await rm(installed);
    expect(await found({})).toBe(onPath);
  });

  it('finds a tool in the folder of another, and in none that is still being installed', async () => {
    await program(join(directory, '.rust-x1', 'bin', 'rustc'), '1.94.0');
    expect(await toolchains().find('rustc')).toBeUndefined();

    const installed = await program(
      join(directory, 'rust', 'bin', 'rustc'),
      '1.95.0',
    );
    const own = await program(
      join(directory, 'rustc', 'bin', 'rustc'),
      '1.96.0',
    );
    expect((await toolchains().find('rustc'))?.path).toBe(own);
    await rm(own);
    expect((await toolchains().find('rustc'))?.path).toBe(installed);
  });

  it('finds the compilers of wasi-sdk where WASI_SDK_PATH says', async () => {
    const onPath = await program(join(directory, 'path', 'clang'), '14.0');
    const searchPath = join(directory, 'path');
    expect((await toolchains({ searchPath }).find('clang'))?.path).toBe(onPath);

    const sdk = join(directory, '.sdk');
    const inSdk = await program(join(sdk, 'bin', 'clang'), '21.1');
    const before = process.env.WASI_SDK_PATH;
    process.env.WASI_SDK_PATH = sdk;
    try {
      expect((await toolchains({ searchPath }).find('clang'))?.path).toBe(
        inSdk,
      );
    } finally {
      if (before === undefined) {
        delete process.env.WASI_SDK_PATH;
      } else {
        process.env.WASI_SDK_PATH = before;
      }
    }
  });

  it('finds the tool that rustup stands for, which a build could not', async () => {
    const folder = join(directory, 'path');
    const cargo = await program(join(directory, '.rust', 'cargo'), '1.95.0');
    const rustup = await program(join(folder, 'rustup'), '');
    await writeFile(
      rustup,
      `#!/bin/sh\n[ "$*" = "which cargo" ] && echo ${cargo}\n`,
    );
    await symlink('rustup', join(folder, 'cargo'));
    await symlink('rustup', join(folder, 'rustc'));

    const found = toolchains({ searchPath: folder });
    expect((await found.find('cargo'))?.path).toBe(cargo);
    expect(await found.find('rustc')).toBeUndefined();
    expect((await found.find('rustup'))?.path).toBe(rustup);
  });

  it('starts a script with our own Node, not with one that is found on a PATH', async () => {
    const script = join(directory, 'jco/node_modules/jco/cli.js');
    await mkdir(join(script, '..'), { recursive: true });
    await mkdir(join(directory, 'jco/node_modules/.bin'));
    await writeFile(script, '#!/usr/bin/env node\nconsole.log("1.34.0")\n');
    await symlink(script, join(directory, 'jco/node_modules/.bin/jco'));

    expect(await toolchains().find('jco')).toEqual({
      name: 'jco',
      path: script,
      command: process.execPath,
      args: [script],
    });
    expect(await toolchains().check('wat-wasi')).toEqual([]);
  });

  it('finds nothing by a name that is a path', async () => {
    await program(join(directory, 'jco', 'bin', 'jco'), '1');

    expect(
      await toolchains({ searchPath: directory }).find('jco/bin/jco'),
    ).toBeUndefined();
  });

  it('sees a tool that was installed meanwhile after half a minute', async () => {
    let time = 0;
    const watched = toolchains({ now: () => time });
    expect(await watched.find('jco')).toBeUndefined();
    await program(join(directory, 'jco', 'bin', 'jco'), '1.34.0');

    time = 29_999;
    expect(await watched.find('jco')).toBeUndefined();
    time = 30_000;
    expect(await watched.find('jco')).toMatchObject({ name: 'jco' });
  });

  it('shows each runtime as available or with what keeps it from being built', async () => {
    const views = await toolchains().checkAll();

    const find = (name: string) => views.find(view => view.name === name);
    expect(find('prebuilt-wasi')).toMatchObject({
      available: true,
      problems: [],
    });
    expect(find('js-wasi')).toMatchObject({
      available: false,
      problems: [{ code: 'TOOLCHAIN_MISSING', message: 'jco is missing.' }],
    });
    expect(find('rust-wasi')?.problems.map(({ message }) => message)).toEqual([
      'cargo is missing.',
      'wasm32-wasip2 target is missing.',
      'cc is missing.',
    ]);
  });

  it('gives tools an environment with nothing of ours in it', () => {
    process.env.BACKEND_SECRET = 'hunter2';
    try {
      const environment = toolchains().environment({
        home: '/home/of/tools',
        tools: [
          { name: 'go', path: '/opt/go/bin/go', command: 'go', args: [] },
        ],
      });

      expect(Object.keys(environment).sort()).toEqual([
        'HOME',
        'LANG',
        'NO_COLOR',
        'PATH',
        'TMPDIR',
      ]);
      expect(environment.PATH.split(':')[0]).toBe('/opt/go/bin');
    } finally {
      delete process.env.BACKEND_SECRET;
    }
  });
});

describe('isOlder', () => {
  it.each([
    ['1.33.9', '1.34.0', true],
    ['1.34.0', '1.34.0', false],
    ['1.34', '1.34.0', false],
    ['1.100.0', '1.34.0', false],
    ['2', '1.34.0', false],
    ['1.9', '1.24', true],
  ])('%s against %s: %s', (version, minimum, expected) => {
    expect(isOlder(version, minimum)).toBe(expected);
  });
});

describeWithJco('createToolchains with jco', () => {
  it('finds jco in the toolchains folder and is content with it', async () => {
    const found = createToolchains(
      { toolchains: { directory: TOOLCHAINS, paths: {} } },
      { searchPath: '' },
    );

    expect(await found.check('js-wasi')).toEqual([]);
    expect(await found.jco()).toEqual({
      directory: await realpath(
        join(TOOLCHAINS, 'jco/node_modules/@bytecodealliance/jco'),
      ),
      version: '1.34.0',
    });
  });
});
