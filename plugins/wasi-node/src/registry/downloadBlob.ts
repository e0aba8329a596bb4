import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { connectionFailure } from './connectionFailure';
import { dropBody, headerOf } from './readBody';
import { ReceivedBlob } from './ReceivedBlob';
import { RegistryFailure } from './RegistryFailure';
import type { RegistrySession } from './registrySession';
import { withRetry } from './retry';
import type { TransportResponse } from './transport';

/** What a manifest says of a blob. */
export interface BlobDescriptor {
  digest: string;
  size: number;
}

/**
 * Writes a blob to a file, which appears whole and verified or not at all.
 *
 * A download that breaks off goes on where it stopped, if the registry can do so.
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
    const file = await open(partialPath, 'wx');
    try {
      const received = new ReceivedBlob(file, blob);
      await withRetry(() => receive(session, blob, { received, signal }), {
        pause: session.pause,
        signal,
      });
    } finally {
      await file.close();
    }
    await rename(partialPath, targetPath);
  } catch (error) {
    await rm(partialPath, { force: true });
    throw toWritingFailure(error, targetPath);
  }
}

/** The bytes of a blob as they come, unverified. */
export async function* readBlobChunks(
  session: RegistrySession,
  blob: BlobDescriptor,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const response = await requestFrom(0, session, blob, signal);
  yield* body(response, signal);
}

async function receive(
  session: RegistrySession,
  blob: BlobDescriptor,
  { received, signal }: { received: ReceivedBlob; signal?: AbortSignal },
): Promise<void> {
  const { target } = session;
  const response = await requestFrom(received.size, session, blob, signal);
  if (response.status !== 206) {
    received.startAnew();
  }
  try {
    for await (const chunk of body(response, signal)) {
      if (received.size + chunk.length > blob.size) {
        throw new RegistryFailure('REGISTRY_DIGEST_MISMATCH', {
          message: `Registry ${target.host} sent more than the ${blob.size} bytes of ${blob.digest} in ${target.repository}`,
        });
      }
      await received.add(chunk);
    }
  } finally {
    await received.flush();
  }
  if (received.size < blob.size) {
    throw new RegistryFailure('REGISTRY_DIGEST_MISMATCH', {
      message: `Registry ${target.host} sent fewer than the ${blob.size} bytes of ${blob.digest} in ${target.repository}`,
    });
  }
  const digest = received.digest();
  if (digest !== blob.digest) {
    throw new RegistryFailure('REGISTRY_DIGEST_MISMATCH', {
      message: `Registry ${target.host} sent ${digest} when asked for ${blob.digest} in ${target.repository}`,
    });
  }
}

// https://www.rfc-editor.org/rfc/rfc9110#section-14.2
async function requestFrom(
  offset: number,
  session: RegistrySession,
  blob: BlobDescriptor,
  signal?: AbortSignal,
): Promise<TransportResponse> {
  const request = (headers: Record<string, string>, expect: number[]) =>
    session.request({
      to: `blobs/${blob.digest}`,
      method: 'GET',
      headers,
      expect,
      action: 'read',
      carriesBlob: true,
      retry: 'never',
      signal,
    });
  if (offset > 0) {
    const response = await request(
      { range: `bytes=${offset}-` },
      [200, 206, 416],
    );
    const range = headerOf(response, 'content-range');
    if (
      response.status === 200 ||
      (response.status === 206 && range?.startsWith(`bytes ${offset}-`))
    ) {
      return response;
    }
    // Not the part that was asked for: then the whole.
    await dropBody(response);
  }
  return request({}, [200]);
}

async function* body(
  response: TransportResponse,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    yield* response.body as AsyncIterable<Buffer>;
  } catch (error) {
    throw connectionFailure(error, { host: response.url.host, signal });
  }
}

/** A file that cannot be written, told as one of our errors. */
export function toWritingFailure(error: unknown, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall && !(error instanceof WasiError)
    ? new WasiError('FILE_NOT_WRITTEN', {
        message: `${basename(path)} cannot be written (${code})`,
      })
    : error;
}
