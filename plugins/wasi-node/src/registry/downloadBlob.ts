import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { RegistryFailure } from './RegistryFailure';
import type { RegistrySession } from './registrySession';
import { withRetry } from './retry';
import { connectionFailure } from './transport';

/** What a manifest says of a blob. */
export interface BlobDescriptor {
  digest: string;
  size: number;
}

/**
 * Writes a blob to a file, which appears whole and verified or not at all.
 *
 * @throws RegistryFailure
 */
export async function downloadBlob(
  session: RegistrySession,
  blob: BlobDescriptor,
  options: { targetPath: string; signal?: AbortSignal },
): Promise<void> {
  const { targetPath, signal } = options;
  // In the same folder, since a rename cannot leave a file system.
  const partialPath = `${targetPath}.${randomUUID()}.partial`;
  try {
    await withRetry(
      () => writePartial(session, blob, { partialPath, signal }),
      {
        pause: session.pause,
        signal,
      },
    );
    await rename(partialPath, targetPath);
  } catch (error) {
    await rm(partialPath, { force: true });
    throw error;
  }
}

async function writePartial(
  session: RegistrySession,
  blob: BlobDescriptor,
  { partialPath, signal }: { partialPath: string; signal?: AbortSignal },
): Promise<void> {
  const { target } = session;
  const response = await session.request({
    to: `blobs/${blob.digest}`,
    method: 'GET',
    expect: [200],
    action: 'read',
    carriesBlob: true,
    retry: 'never',
    signal,
  });
  const [algorithm] = blob.digest.split(':');
  const hash = createHash(algorithm);
  let size = 0;
  const file = await open(partialPath, 'w');
  try {
    for await (const chunk of receive(response.body, target.host, signal)) {
      size += chunk.length;
      if (size > blob.size) {
        break;
      }
      hash.update(chunk);
      await file.write(chunk);
    }
  } finally {
    await file.close();
  }
  const digest = `${algorithm}:${hash.digest('hex')}`;
  if (size !== blob.size || digest !== blob.digest) {
    throw new RegistryFailure('REGISTRY_DIGEST_MISMATCH', {
      message:
        size === blob.size
          ? `Registry ${target.host} sent ${digest} when asked for ${blob.digest} in ${target.repository}`
          : `Registry ${target.host} sent ${
              size > blob.size ? 'more' : 'fewer'
            } than the ${blob.size} bytes of ${blob.digest} in ${
              target.repository
            }`,
    });
  }
}

async function* receive(
  body: AsyncIterable<Buffer>,
  host: string,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    throw connectionFailure(error, { host, signal });
  }
}
