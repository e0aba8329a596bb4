import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { RegistryFailure } from './RegistryFailure';

/**
 * Digest and size of a file, read piece by piece.
 *
 * @throws WasiError `SOURCE_MISSING`, `REGISTRY_ABORTED`
 */
export async function hashFile(
  path: string,
  signal?: AbortSignal,
): Promise<{ digest: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of createReadStream(path, { signal })) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    if (signal?.aborted) {
      throw new RegistryFailure('REGISTRY_ABORTED', {
        message: `The push of ${basename(path)} was cancelled`,
      });
    }
    const { code } = error as NodeJS.ErrnoException;
    throw new WasiError('SOURCE_MISSING', {
      message: `${basename(path)} cannot be read (${code})`,
    });
  }
  return { digest: `sha256:${hash.digest('hex')}`, size };
}
