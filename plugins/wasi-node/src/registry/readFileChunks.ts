import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { RegistryFailure } from './RegistryFailure';

const chunkBytes = 256 * 1024;

/** A file as it was when it was inspected. */
export interface InspectedFile {
  path: string;
  digest: string;
  size: number;
}

/**
 * Reads a file piece by piece, and hands out the last piece only when the whole
 * is still what was inspected: what is sent meanwhile stays unfinished otherwise.
 *
 * A piece is overwritten once the one after the next is asked for. With new memory
 * for each, the process grows by what the garbage collector leaves lying about.
 *
 * @throws WasiError `SOURCE_MISSING`, `SOURCE_DIGEST_MISMATCH`, `REGISTRY_ABORTED`
 */
export async function* readFileChunks(
  file: InspectedFile,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const { path, size } = file;
  const hash = createHash('sha256');
  const handle = await openFile(path);
  let buffer = Buffer.allocUnsafeSlow(chunkBytes);
  let spare = Buffer.allocUnsafeSlow(chunkBytes);
  let reading = read(handle, path, buffer);
  try {
    for (let offset = 0; offset < size; ) {
      const bytesRead = await reading;
      if (signal?.aborted) {
        throw new RegistryFailure('REGISTRY_ABORTED', {
          message: `The push of ${basename(path)} was cancelled`,
        });
      }
      if (bytesRead === 0) {
        throw changed(path);
      }
      const chunk = buffer.subarray(0, Math.min(bytesRead, size - offset));
      offset += chunk.length;
      hash.update(chunk);
      [buffer, spare] = [spare, buffer];
      if (offset < size) {
        // Meanwhile, this piece is on its way.
        reading = read(handle, path, buffer);
      } else if (`sha256:${hash.digest('hex')}` !== file.digest) {
        throw changed(path);
      }
      yield chunk;
    }
  } finally {
    // Who stops early does not care how the reading ahead ends.
    await reading.catch(() => {});
    await handle.close();
  }
}

/**
 * Refuses a file that is not any more the one that was inspected, as far as its
 * size tells.
 *
 * @throws WasiError `SOURCE_MISSING`, `SOURCE_DIGEST_MISMATCH`
 */
export async function checkFileSize({
  path,
  size,
}: InspectedFile): Promise<void> {
  const handle = await openFile(path);
  try {
    const actual = await handle.stat();
    if (!actual.isFile() || actual.size !== size) {
      throw changed(path);
    }
  } finally {
    await handle.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function read(
  handle: FileHandle,
  path: string,
  buffer: Buffer,
): Promise<number> {
  try {
    return (await handle.read(buffer, 0, buffer.length)).bytesRead;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): WasiError {
  const { code } = error as NodeJS.ErrnoException;
  return new WasiError('SOURCE_MISSING', {
    message: `${basename(path)} cannot be read (${code})`,
  });
}

function changed(path: string): WasiError {
  return new WasiError('SOURCE_DIGEST_MISMATCH', {
    message: `${basename(path)} is not any more the file that was inspected`,
    remedy: 'Build and inspect it again.',
  });
}
