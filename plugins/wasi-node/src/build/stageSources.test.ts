import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  realpath,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stageSources } from './stageSources';

let root: string;
let directory: string;
let target: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'stage-sources-')));
  directory = join(root, 'function');
  target = join(root, 'copy');
  await mkdir(join(directory, 'src'), { recursive: true });
  await writeFile(join(directory, 'src', 'a.js'), 'a');
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const stage = (maxBytes = 1_000) =>
  stageSources({ directory, target, maxBytes });

async function digestWith(change: () => Promise<unknown>): Promise<string> {
  await change();
  const { digest } = await stage();
  await rm(target, { recursive: true });
  return digest;
}

describe('stageSources', () => {
  it('copies files and links, and neither git, func.yaml, nor a module of before', async () => {
    await symlink('a.js', join(directory, 'src', 'b.js'));
    await symlink(directory, join(directory, 'self'));
    for (const name of ['func.yaml', 'module.wasm', 'src/module.wasm']) {
      await writeFile(join(directory, name), name);
    }
    await mkdir(join(directory, '.git'));

    await stage();

    expect(await readFile(join(target, 'src/b.js'), 'utf8')).toBe('a');
    expect(await realpath(join(target, 'self'))).toBe(target);
    expect(await readFile(join(target, 'src/module.wasm'), 'utf8')).toBe(
      'src/module.wasm',
    );
    for (const name of ['func.yaml', 'module.wasm', '.git']) {
      await expect(lstat(join(target, name))).rejects.toThrow('ENOENT');
    }
  });

  it.each([
    ['relative', '../secret'],
    ['of two', 'hop'],
    ['that leads nowhere', '../none'],
  ])(
    'keeps a link out of the folder one out of the folder: %s',
    async (_, text) => {
      await writeFile(join(root, 'secret'), '');
      await symlink('../secret', join(directory, 'hop'));
      await symlink(text, join(directory, 'link'));

      await stage();

      expect(await readlink(join(target, 'link'))).toMatch(
        new RegExp(`^${root}/(secret|none)$`),
      );
    },
  );

  it('leaves out what is no file, and does not wait for it', async () => {
    execFileSync('mkfifo', [join(directory, 'pipe')]);

    await stage();

    await expect(lstat(join(target, 'pipe'))).rejects.toThrow('ENOENT');
  });

  it('tells contents, names and links apart, and nothing else', async () => {
    const a = join(directory, 'a');
    const original = await digestWith(async () => undefined);
    const digests = [
      original,
      await digestWith(() => writeFile(a, 'bc')),
      await digestWith(() => writeFile(a, 'b')),
      await digestWith(async () => {
        await rm(a);
        await writeFile(`${a}b`, 'c');
      }),
      await digestWith(async () => {
        await rm(`${a}b`);
        await symlink('src', a);
      }),
    ];
    expect(new Set(digests).size).toBe(digests.length);

    expect(
      await digestWith(async () => {
        await rm(a);
        await rm(join(directory, 'src', 'a.js'));
        await writeFile(join(directory, 'src', 'a.js'), 'a');
      }),
    ).toBe(original);
  });

  it('takes files that were touched for the same', async () => {
    const file = join(directory, 'src', 'a.js');
    const original = await digestWith(async () => undefined);

    expect(await digestWith(() => utimes(file, 1_000_000, 1_000_000))).toBe(
      original,
    );
    expect(await digestWith(() => chmod(file, 0o640))).toBe(original);
  });

  it.each([
    ['a script that may be started now', 'src/a.js', 'a', 0o755],
    ['a lock file', 'package-lock.json', '{}', 0o644],
    ['an installed dependency', 'node_modules/left-pad/index.js', '', 0o644],
    ['a hidden file', '.npmrc', 'engine-strict=true', 0o644],
    ['a folder that is called like an output', 'target/a.js', '', 0o644],
  ])('takes %s for a change', async (_, name, content, mode) => {
    const original = await digestWith(async () => undefined);
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    await chmod(path, mode);

    expect(await digestWith(async () => undefined)).not.toBe(original);
  });

  it.each([
    ['Cargo.toml', 'target/release/a.wasm'],
    ['Package.swift', '.build/debug.yaml'],
    ['Function.csproj', 'obj/project.assets.json'],
    ['Function.csproj', 'bin/Release/a.dll'],
    ['app.py', '__pycache__/app.cpython-312.pyc'],
    ['.gitmodules', 'library/.git/HEAD'],
    ['Cargo.toml', 'module.wasm'],
  ])('leaves out what builds leave: beside %s, %s', async (project, output) => {
    await writeFile(join(directory, project), '');
    await mkdir(join(directory, 'library'));
    const original = await digestWith(async () => undefined);
    await mkdir(dirname(join(directory, output)), { recursive: true });
    await writeFile(join(directory, output), 'x');

    const { digest, files, bytes } = await stage();

    expect({ digest, files, bytes }).toEqual({
      digest: original,
      files: 2,
      bytes: 1,
    });
    await expect(lstat(join(target, output))).rejects.toThrow('ENOENT');
  });

  it('stops before it reads more than a build may take', async () => {
    await writeFile(join(directory, 'big'), 'x'.repeat(1_001));

    await expect(stage()).rejects.toMatchObject({
      code: 'BUILD_DISK_LIMIT',
      message: "The function's folder holds more than 1000 bytes.",
      remedy: expect.stringContaining('wasi.build.maxWorkspaceBytes'),
    });
  });
});
