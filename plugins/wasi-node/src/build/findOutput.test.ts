import {
  mkdir,
  mkdtemp,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findRuntime } from '@wasi-functions/backstage-plugin-wasi-common';
import { findOutput } from './findOutput';
import type { BuildRun } from './types';

describe('findOutput', () => {
  let scratch: string;

  beforeEach(async () => {
    scratch = await realpath(await mkdtemp(join(tmpdir(), 'output-')));
    await mkdir(join(scratch, 'source'));
  });

  afterEach(() => rm(scratch, { recursive: true, force: true }));

  async function write(...paths: string[]) {
    for (const path of paths) {
      await mkdir(dirname(join(scratch, path)), { recursive: true });
      await writeFile(join(scratch, path), '');
    }
  }

  const find = (pattern: string, name = 'hello_world') =>
    findOutput(
      {
        scratch,
        directory: join(scratch, 'source'),
        runtime: findRuntime('rust-wasi')!,
      } as BuildRun,
      pattern,
      name,
    );

  const pattern = () => join(scratch, 'target/release/*.wasm');

  it('takes the one module there is, whatever it is called', async () => {
    await write('target/release/other-name.wasm', 'target/release/other.d');
    expect(await find(pattern())).toBe(
      join(scratch, 'target/release/other-name.wasm'),
    );
  });

  it.each(['hello-world.wasm', 'hello_world.wasm'])(
    'takes the one of the name of the function where there are more: %s',
    async file => {
      await write('target/release/a.wasm', `target/release/${file}`);
      expect(await find(pattern())).toBe(join(scratch, 'target/release', file));
    },
  );

  it('names the modules where it cannot tell which is meant', async () => {
    await write('target/release/a.wasm', 'target/release/b.wasm');
    await expect(find(pattern())).rejects.toMatchObject({
      code: 'BUILD_NO_MODULE',
      message: expect.stringContaining('more than one module: a.wasm, b.wasm.'),
    });
  });

  it('takes a path without a star as it is', async () => {
    await write('source/out.wasm', 'source/more.wasm');
    expect(await find('out.wasm')).toBe(join(scratch, 'source/out.wasm'));
  });

  it.each(['missing/*.wasm', 'file/*.wasm', '*.wasm', 'module.wasm'])(
    'does not believe a build that left nothing: %s',
    async missing => {
      await write('source/file');
      await mkdir(join(scratch, 'source', 'module.wasm'));
      await expect(find(missing)).rejects.toMatchObject({
        code: 'BUILD_NO_MODULE',
        message: expect.stringContaining('left no module'),
      });
    },
  );

  it('follows no link of the build', async () => {
    await mkdir(join(scratch, 'target'));
    await symlink('/etc', join(scratch, 'target', 'release'));
    await expect(find(pattern())).rejects.toMatchObject({
      code: 'SOURCE_PATH_ESCAPES',
    });

    await symlink('/etc/hostname', join(scratch, 'source', 'module.wasm'));
    await expect(find('module.wasm')).rejects.toMatchObject({
      code: 'BUILD_NO_MODULE',
    });
  });
});
