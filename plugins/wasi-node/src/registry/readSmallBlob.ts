import type { ArtifactStore } from './ArtifactStore';
import type { BlobDescriptor } from './downloadBlob';
import { RegistryFailure } from './RegistryFailure';

const maxBytes = 1024 * 1024;

/**
 * Reads a config, or something else of that size, into memory.
 *
 * @throws RegistryFailure `REGISTRY_UNEXPECTED` for one that is not small
 */
export async function readSmallBlob(
  store: ArtifactStore,
  blob: BlobDescriptor,
  signal?: AbortSignal,
): Promise<Buffer> {
  if (blob.size > maxBytes) {
    throw new RegistryFailure('REGISTRY_UNEXPECTED', {
      message: `The config ${blob.digest} of ${store.name} has ${blob.size} bytes, and ${maxBytes} are enough for one`,
    });
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.readBlob(blob, signal)) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
