import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isWasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { archiveInvalid } from './archiveInvalid';

/**
 * Unpacks gzip while it is read, up to a size.
 *
 * @throws WasiError `ARCHIVE_INVALID`
 */
export async function* gunzipChunks(
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes }: { maxBytes: number },
): AsyncGenerator<Uint8Array> {
  const packed = Readable.from(chunks, { objectMode: false });
  const unpacked = createGunzip();
  // What breaks the source must break the reader, and not wait for ever.
  packed.on('error', error => unpacked.destroy(error));
  let size = 0;
  try {
    for await (const chunk of packed.pipe(unpacked)) {
      size += chunk.length;
      if (size > maxBytes) {
        throw archiveInvalid(`it unpacks to more than ${maxBytes} bytes`);
      }
      yield chunk;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw !isWasiError(error) && code?.startsWith('Z_')
      ? archiveInvalid('it is no gzip')
      : error;
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}
