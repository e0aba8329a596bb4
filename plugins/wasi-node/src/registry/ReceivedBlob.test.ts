import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReceivedBlob } from './ReceivedBlob';

const bytes = randomBytes(2_500_000);
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('what came of a blob', () => {
  let directory: string;
  let file: FileHandle;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'wasi-blob-'));
    file = await open(join(directory, 'blob'), 'wx');
  });

  afterEach(async () => {
    await file.close();
    rmSync(directory, { recursive: true });
  });

  const stored = () => readFileSync(join(directory, 'blob'));
  async function receive(
    received: ReceivedBlob,
    pieceBytes: number,
    end = bytes.length,
  ) {
    for (let start = received.size; start < end; start += pieceBytes) {
      await received.add(
        bytes.subarray(start, Math.min(start + pieceBytes, end)),
      );
    }
    await received.flush();
  }

  it.each([1000, 65_536, 1024 * 1024, 3_000_000])(
    'is in the file, in pieces of %d bytes',
    async pieceBytes => {
      const received = new ReceivedBlob(file, { digest, size: bytes.length });
      await receive(received, pieceBytes);
      expect(received.digest()).toBe(digest);
      expect(stored().equals(bytes)).toBe(true);
    },
  );

  it('goes on where it stopped, and begins anew where it has to', async () => {
    const received = new ReceivedBlob(file, { digest, size: bytes.length });
    await receive(received, 65_536, 1_500_000);
    expect(received.size).toBe(1_500_000);
    await receive(received, 65_536);
    expect(stored().equals(bytes)).toBe(true);

    received.startAnew();
    await receive(received, 65_536);
    expect(received.digest()).toBe(digest);
    expect(stored().equals(bytes)).toBe(true);
  });

  it('is whole also where the disk takes it bit by bit', async () => {
    const write = file.write.bind(file) as (
      ...args: unknown[]
    ) => Promise<{ bytesWritten: number }>;
    (file as { write: unknown }).write = (
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
    ) => write(buffer, offset, Math.min(length, 100_000), position);
    await receive(
      new ReceivedBlob(file, { digest, size: bytes.length }),
      65_536,
    );
    expect(stored().equals(bytes)).toBe(true);
  });

  it('fails where the disk is full', async () => {
    (file as { write: unknown }).write = async () => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    };
    await expect(
      receive(new ReceivedBlob(file, { digest, size: bytes.length }), 65_536),
    ).rejects.toMatchObject({ code: 'ENOSPC' });
  });
});
