import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { detectRuntime } from '@wasi-functions/backstage-plugin-wasi-common';
import { SKELETONS } from '../__testUtils__/jco';
import { readSourceFiles } from './readSourceFiles';

describe('readSourceFiles', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'source-files-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function write(path: string, content = '') {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }

  it('names what lies in the folder and one below, and reads what tells a runtime', async () => {
    await write('package.json', '{"name":"hello"}');
    await write('README.md', '# Hello');
    await write('src/index.ts', 'addEventListener');
    await write('src/deep/er/go.mod');

    expect(await readSourceFiles(directory)).toEqual([
      { path: 'README.md' },
      { path: 'package.json', content: '{"name":"hello"}' },
      { path: 'src/index.ts' },
    ]);
  });

  it.each(['node_modules/x.js', '.git/HEAD', 'target/a.wasm', 'vendor/a.go'])(
    'leaves out what is not of the function: %s',
    async path => {
      await write(path);

      expect(await readSourceFiles(directory)).toEqual([]);
    },
  );

  it('follows no link, which may lead out of the workspace', async () => {
    await symlink('/etc/hostname', join(directory, 'package.json'));
    await symlink('/etc', join(directory, 'src'));

    expect(await readSourceFiles(directory)).toEqual([
      { path: 'package.json' },
      { path: 'src' },
    ]);
  });

  it('reads the beginning of a large file alone', async () => {
    await write('package.json', 'x'.repeat(1_000_000));

    const [file] = await readSourceFiles(directory);
    expect(file.content).toHaveLength(64 * 1024);
  });

  it.each(['js-wasi', 'wat-wasi'])(
    'lets the skeleton of %s be told by its files',
    async name => {
      const files = await readSourceFiles(join(SKELETONS, name));

      expect(detectRuntime(files).map(({ runtime }) => runtime)).toEqual([
        name,
      ]);
    },
  );
});
