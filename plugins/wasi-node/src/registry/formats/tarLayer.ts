import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Blob } from '../blobs';
import { writeTar } from '../tar/writeTar';
import type { FormatInput } from './types';

/** A layer of one file. */
export interface TarLayer {
  /** The packed archive. */
  blob: Blob;
  /** Digest of the archive before it was packed, for `rootfs.diff_ids`. */
  diffId: string;
}

/**
 * Packs the module as the only file of a layer.
 *
 * The digest of a layer has to be known before it is sent, so it is written to
 * the scratch folder first.
 */
export async function packLayer(
  { file, content, scratch }: FormatInput,
  path: string,
): Promise<TarLayer> {
  const target = join(scratch, `${path}.tar.gz`);
  const unpacked = createHash('sha256');
  const packed = createHash('sha256');
  let size = 0;
  await pipeline(
    writeTar([{ path, size: file.size, content }]),
    async function* hashUnpacked(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        unpacked.update(chunk);
        // The module is read into the same memory again and again.
        yield Buffer.from(chunk);
      }
    },
    createGzip(),
    async function* hashPacked(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        packed.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(target, { flags: 'wx' }),
  );
  return {
    blob: {
      digest: `sha256:${packed.digest('hex')}`,
      size,
      content: () => createReadStream(target),
    },
    diffId: `sha256:${unpacked.digest('hex')}`,
  };
}
