import {
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { tarball, type ArchiveEntry } from '../../__testUtils__/npmPackage';
import { FolderSync } from './folderSync';

let root: string;
let folder: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'folder-sync-')));
  folder = join(root, 'build');
  await mkdir(folder);
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** A pod that sends back what it likes. */
function hostilePod(entries: ArchiveEntry[], maxBytes = 1024 * 1024) {
  return new FolderSync({
    folder,
    maxBytes,
    async shell(_line, _words, streams) {
      streams?.stdout?.end(gunzipSync(tarball(entries)));
    },
  });
}

describe('what comes back from a pod', () => {
  it.each<{ what: string; entries: ArchiveEntry[] }>([
    {
      what: 'a path out of it',
      entries: [{ path: '../outside', content: Buffer.from('x') }],
    },
    {
      what: 'an absolute path',
      entries: [{ path: '/tmp/outside-of-a-build', content: Buffer.from('x') }],
    },
    {
      what: 'a link and a file behind it',
      entries: [
        { path: 'link', type: 'SymbolicLink', linkpath: '..' },
        { path: 'link/outside', content: Buffer.from('x') },
      ],
    },
    {
      what: 'a hard link',
      entries: [{ path: 'hard', type: 'Link', linkpath: '../secret' }],
    },
    { what: 'a pipe', entries: [{ path: 'pipe', type: 'FIFO' }] },
  ])('stays in the folder: $what', async ({ entries }) => {
    await writeFile(join(root, 'secret'), 'hunter2');
    // Refused or left out, as tar has it; what counts is what is there.
    await hostilePod(entries)
      .receive([])
      .catch(() => undefined);

    expect((await readdir(root)).sort()).toEqual(['build', 'secret']);
    const left = await readdir(folder, { withFileTypes: true });
    expect(
      left.filter(entry => !entry.isFile() && !entry.isDirectory()),
    ).toEqual([]);
    expect(left.map(({ name }) => name)).not.toContain('hard');
  });

  it('is bounded', async () => {
    await expect(
      hostilePod(
        [{ path: 'large', content: Buffer.alloc(200_000) }],
        100_000,
      ).receive([]),
    ).rejects.toMatchObject({ code: 'BUILD_DISK_LIMIT' });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('what goes to a pod', () => {
  it('goes once, and again where it changed', async () => {
    const sent: number[] = [];
    const sync = new FolderSync({
      folder,
      maxBytes: 1024,
      async shell(_line, [size], streams) {
        sent.push(Number(size));
        for await (const _ of streams!.stdin!);
      },
    });
    await writeFile(join(folder, '@odd name'), 'first');
    await sync.send();
    await sync.send();
    await writeFile(join(folder, '@odd name'), 'another');
    await sync.send();

    expect(sent).toEqual([expect.any(Number), expect.any(Number)]);
  });
});
