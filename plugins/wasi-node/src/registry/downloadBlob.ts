import { createHash, randomUUID, type Hash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { connectionFailure } from './connectionFailure';
import { dropBody, headerOf } from './readBody';
import { RegistryFailure } from './RegistryFailure';
import type { RegistrySession } from './registrySession';
import { withRetry } from './retry';
import type { TransportResponse } from './transport';

const writeBytes = 1024 * 1024;

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
      const received = new Received(file, blob.digest);
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

async function receive(
  session: RegistrySession,
  blob: BlobDescriptor,
  { received, signal }: { received: Received; signal?: AbortSignal },
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

/** What came of a blob so far; written while more comes in. */
class Received {
  size = 0;
  private readonly algorithm: string;
  private hash: Hash;
  private batch: Buffer[] = [];
  private batchBytes = 0;
  private writing: Promise<unknown> = Promise.resolve();

  constructor(private readonly file: FileHandle, expectedDigest: string) {
    [this.algorithm] = expectedDigest.split(':');
    this.hash = createHash(this.algorithm);
  }

  startAnew(): void {
    this.size = 0;
    this.hash = createHash(this.algorithm);
  }

  async add(chunk: Buffer): Promise<void> {
    this.hash.update(chunk);
    this.batch.push(chunk);
    this.batchBytes += chunk.length;
    this.size += chunk.length;
    if (this.batchBytes >= writeBytes) {
      await this.writing;
      this.writing = this.write();
      // Thrown by the next piece, or by the flush.
      this.writing.catch(() => {});
    }
  }

  async flush(): Promise<void> {
    await this.writing;
    await this.write();
  }

  digest(): string {
    return `${this.algorithm}:${this.hash.digest('hex')}`;
  }

  private async write(): Promise<void> {
    const { batch, batchBytes } = this;
    if (!batchBytes) {
      return;
    }
    this.batch = [];
    this.batchBytes = 0;
    const position = this.size - batchBytes;
    const { bytesWritten } = await this.file.writev(batch, position);
    if (bytesWritten < batchBytes) {
      // A short write is how a disk announces that it is full.
      await this.file.write(
        Buffer.concat(batch),
        bytesWritten,
        batchBytes - bytesWritten,
        position + bytesWritten,
      );
    }
  }
}

function toWritingFailure(error: unknown, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall && !(error instanceof WasiError)
    ? new WasiError('FILE_NOT_WRITTEN', {
        message: `${basename(path)} cannot be written (${code})`,
      })
    : error;
}
