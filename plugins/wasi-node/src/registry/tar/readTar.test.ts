import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { handmadeTar } from '../__fixtures__/archives';
import { gunzipChunks } from './gunzipChunks';
import { readTar } from './readTar';
import { writeTar } from './writeTar';

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) {
    parts.push(Buffer.from(chunk));
  }
  return Buffer.concat(parts);
}

/** In pieces that end nowhere in particular. */
const pieces = (bytes: Buffer, size = 333) =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, piece) =>
      bytes.subarray(piece * size, (piece + 1) * size),
    ),
  );

async function list(bytes: Buffer, piece?: number) {
  const found = [];
  for await (const { path, type, content } of readTar(pieces(bytes, piece))) {
    found.push([path, type, (await collect(content())).toString()]);
  }
  return found;
}

describe('readTar', () => {
  it('reads files, and calls everything else other', async () => {
    const archive = handmadeTar(
      { path: 'a', content: 'first' },
      { path: 'dir/', type: 'Directory' },
      { path: 'link', type: 'SymbolicLink', linkpath: '/etc/passwd' },
      { path: 'hard', type: 'Link', linkpath: 'a' },
      { path: 'null', type: 'CharacterDevice' },
      { path: '../../b', content: 'x'.repeat(1000) },
    );
    for (const piece of [1, 511, 512, 100_000]) {
      expect(await list(archive, piece)).toEqual([
        ['a', 'file', 'first'],
        ['dir/', 'other', ''],
        ['link', 'other', ''],
        ['hard', 'other', ''],
        ['null', 'other', ''],
        ['../../b', 'file', 'x'.repeat(1000)],
      ]);
    }
  });

  it('goes on behind content that nobody read', async () => {
    const paths = [];
    for await (const { path } of readTar(
      pieces(
        handmadeTar({ path: 'a', content: 'x'.repeat(5000) }, { path: 'b' }),
      ),
    )) {
      paths.push(path);
    }
    expect(paths).toEqual(['a', 'b']);
  });

  it('reads what writeTar writes, which is the same each time', async () => {
    const write = () =>
      collect(
        writeTar([
          { path: 'one', size: 3, content: () => [Buffer.from('abc')] },
          { path: 'empty', size: 0, content: () => [] },
        ]),
      );
    const archive = await write();
    expect(archive.equals(await write())).toBe(true);
    expect(await list(archive)).toEqual([
      ['one', 'file', 'abc'],
      ['empty', 'file', ''],
    ]);
  });

  (spawnSync('tar', ['--version']).error ? describe.skip : describe)(
    'with tar',
    () => {
      it.each(['gnu', 'pax', 'ustar'])(
        'reads what tar writes in the format %s, long names included',
        async format => {
          const directory = mkdtempSync(join(tmpdir(), 'wasi-tar-'));
          try {
            const folder = join('x'.repeat(90), 'y'.repeat(80));
            const path = join(folder, 'hello.wasm');
            mkdirSync(join(directory, folder), { recursive: true });
            writeFileSync(join(directory, path), 'hello');
            const archive = execFileSync(
              'tar',
              ['-c', `--format=${format}`, '-C', directory, path],
              { maxBuffer: 1_000_000 },
            );
            expect(await list(archive)).toEqual([[path, 'file', 'hello']]);
          } finally {
            rmSync(directory, { recursive: true });
          }
        },
      );
    },
  );

  it.each([
    [
      'ends within a file',
      handmadeTar({ path: 'a', content: 'abc', size: 5000 }),
      'it ends in the middle of an entry',
    ],
    [
      'ends within a header',
      handmadeTar({ path: 'a' }).subarray(0, 300),
      'it ends in the middle of an entry',
    ],
    [
      'has a changed header',
      Buffer.from(handmadeTar({ path: 'a' })).fill('b', 0, 1),
      'the checksum of an entry is wrong',
    ],
    [
      'is a page',
      Buffer.from('<html>'.repeat(200)),
      'the checksum of an entry is wrong',
    ],
  ])('refuses an archive that %s', async (_, archive, why) => {
    await expect(list(archive)).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      message: `The archive cannot be read: ${why}`,
    });
  });

  it('refuses a name of a megabyte before it is read', async () => {
    const archive = handmadeTar({ path: 'a', content: 'x'.repeat(1_000_000) });
    // Type L: the name of the next entry.
    archive[156] = 'L'.charCodeAt(0);
    let checksum = 0;
    archive.fill(' ', 148, 156);
    archive.subarray(0, 512).forEach(byte => {
      checksum += byte;
    });
    archive.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148);
    await expect(list(archive)).rejects.toMatchObject({
      message: 'The archive cannot be read: a name or header has 1000000 bytes',
    });
  });
});

describe('gunzipChunks', () => {
  it('stops a bomb as soon as it is larger than allowed', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    let unpacked = 0;
    await expect(
      (async () => {
        for await (const chunk of gunzipChunks(pieces(bomb, 1000), {
          maxBytes: 1_000_000,
        })) {
          unpacked += chunk.length;
        }
      })(),
    ).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      message:
        'The archive cannot be read: it unpacks to more than 1000000 bytes',
    });
    expect(unpacked).toBeLessThanOrEqual(1_000_000);
  });

  it.each([
    ['is none', Buffer.from('no gzip at all')],
    ['is cut off', gzipSync(Buffer.alloc(100_000, 'x')).subarray(0, 40)],
  ])('refuses a gzip that %s', async (_, bytes) => {
    await expect(
      collect(gunzipChunks(pieces(bytes), { maxBytes: 1_000_000 })),
    ).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      message: 'The archive cannot be read: it is no gzip',
    });
  });

  it('passes on why its source failed', async () => {
    const failing = async function* fail() {
      yield gzipSync('abc').subarray(0, 5);
      throw new Error('the source broke');
    };
    await expect(
      collect(gunzipChunks(failing(), { maxBytes: 100 })),
    ).rejects.toThrow('the source broke');
  });
});
