import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { listSources } from './listSources';

describe('listSources', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sources-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function write(...paths: string[]) {
    for (const path of paths) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), '');
    }
  }

  it('takes what is in the same language, beside the source and in src', async () => {
    await write('handler.c', 'wasi.c', 'src/parse.c', 'handler.h', 'a.cpp');
    await write('test/handler_test.c', 'src/deep/other.c');
    expect(await listSources(directory, join(directory, 'handler.c'))).toEqual([
      'handler.c',
      'src/parse.c',
      'wasi.c',
    ]);
  });

  it('takes what lies with a source in another folder', async () => {
    await write('main.c', 'src/handler.c', 'src/wasi.c');
    expect(
      await listSources(directory, join(directory, 'src/handler.c')),
    ).toEqual(['src/handler.c', 'src/wasi.c']);
  });

  it('follows no link', async () => {
    await write('handler.c');
    await symlink('/etc/hostname', join(directory, 'link.c'));
    expect(await listSources(directory, join(directory, 'handler.c'))).toEqual([
      'handler.c',
    ]);
  });
});
