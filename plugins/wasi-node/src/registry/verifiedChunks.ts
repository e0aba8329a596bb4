import { createHash } from 'node:crypto';
import { RegistryFailure } from './RegistryFailure';
import type { BlobDescriptor } from './downloadBlob';

/**
 * Passes on what comes, and the last piece only when the whole is what was promised.
 *
 * @throws RegistryFailure `REGISTRY_DIGEST_MISMATCH`
 */
export async function* verifiedChunks(
  chunks: AsyncIterable<Uint8Array>,
  blob: BlobDescriptor,
  where: string,
): AsyncGenerator<Uint8Array> {
  const [algorithm] = blob.digest.split(':');
  const hash = createHash(algorithm);
  let size = 0;
  let last: Uint8Array | undefined;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > blob.size) {
      throw mismatch(`more than the ${blob.size} bytes of ${blob.digest}`);
    }
    hash.update(chunk);
    if (last) {
      yield last;
    }
    last = chunk;
  }
  const digest = `${algorithm}:${hash.digest('hex')}`;
  if (size < blob.size) {
    throw mismatch(`fewer than the ${blob.size} bytes of ${blob.digest}`);
  }
  if (digest !== blob.digest) {
    throw mismatch(`${digest} in the place of ${blob.digest}`);
  }
  if (last) {
    yield last;
  }

  function mismatch(what: string): RegistryFailure {
    return new RegistryFailure('REGISTRY_DIGEST_MISMATCH', {
      message: `${where} has ${what}`,
    });
  }
}
