import { createHash, randomUUID, type Hash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { RegistryError } from './RegistryError';
import type { RegistryFolder } from './RegistryFolder';

const longestIdleMs = 60 * 60 * 1000;

/** An upload that was begun. @internal */
export interface UploadSession {
  id: string;
  name: string;
  file: string;
  size: number;
  /** Running sha256 of what was written; absent once a write had to be undone. */
  hash?: Hash;
  busy: boolean;
  lastUsed: number;
}

/**
 * Uploads in progress.
 *
 * They live as long as the process: after a restart a client begins anew.
 *
 * @internal
 */
export class UploadSessions {
  private readonly sessions = new Map<string, UploadSession>();
  private readonly folder: RegistryFolder;
  private readonly maxBlobBytes: number;

  constructor(folder: RegistryFolder, maxBlobBytes: number) {
    this.folder = folder;
    this.maxBlobBytes = maxBlobBytes;
  }

  async begin(name: string): Promise<UploadSession> {
    await this.dropIdle();
    const session: UploadSession = {
      id: randomUUID(),
      name,
      file: this.folder.temporaryFile(),
      size: 0,
      hash: createHash('sha256'),
      busy: false,
      lastUsed: Date.now(),
    };
    await (await open(session.file, 'wx')).close();
    this.sessions.set(session.id, session);
    return session;
  }

  get(name: string, id: string): UploadSession {
    const session = this.sessions.get(id);
    if (!session || session.name !== name) {
      throw new RegistryError(
        404,
        'BLOB_UPLOAD_UNKNOWN',
        'no such upload session',
      );
    }
    session.lastUsed = Date.now();
    return session;
  }

  /**
   * Appends a body.
   *
   * One that breaks off leaves the session as it was before; one that cannot be
   * stored ends it.
   */
  async append(session: UploadSession, body: Readable): Promise<void> {
    this.claim(session);
    const file = await open(session.file, 'r+');
    try {
      session.size = await this.write(session, file, body);
    } catch (error) {
      session.hash = undefined;
      await file.truncate(session.size);
      if (!body.errored) {
        await this.cancel(session);
      }
      throw error;
    } finally {
      await file.close();
      session.busy = false;
      session.lastUsed = Date.now();
    }
  }

  /** Ends the session and hands its file over to the caller. */
  finish(session: UploadSession): { file: string; knownDigest?: string } {
    this.claim(session);
    this.sessions.delete(session.id);
    return {
      file: session.file,
      knownDigest: session.hash && `sha256:${session.hash.digest('hex')}`,
    };
  }

  async cancel(session: UploadSession): Promise<void> {
    this.sessions.delete(session.id);
    await rm(session.file, { force: true });
  }

  private async write(
    session: UploadSession,
    file: FileHandle,
    body: Readable,
  ): Promise<number> {
    // A refusal must still be answered, which needs the connection that an
    // iterator otherwise destroys together with the body.
    const chunks: AsyncIterable<Buffer> = body.iterator({
      destroyOnReturn: false,
    });
    let position = session.size;
    for await (const chunk of chunks) {
      if (position + chunk.length > this.maxBlobBytes) {
        throw new RegistryError(
          413,
          'SIZE_INVALID',
          `a blob may have at most ${this.maxBlobBytes} bytes`,
        );
      }
      const written = writeWhole(file, chunk, position);
      session.hash?.update(chunk);
      await written;
      position += chunk.length;
    }
    return position;
  }

  private claim(session: UploadSession): void {
    if (session.busy) {
      throw new RegistryError(
        409,
        'BLOB_UPLOAD_INVALID',
        'another request is writing to this upload session',
      );
    }
    session.busy = true;
  }

  private async dropIdle(): Promise<void> {
    const oldest = Date.now() - longestIdleMs;
    for (const session of this.sessions.values()) {
      if (!session.busy && session.lastUsed < oldest) {
        await this.cancel(session);
      }
    }
  }
}

// One write may store a part only, as it does when the disk is about to be full.
async function writeWhole(
  file: FileHandle,
  chunk: Buffer,
  position: number,
): Promise<void> {
  let done = 0;
  while (done < chunk.length) {
    const { bytesWritten } = await file.write(
      chunk,
      done,
      chunk.length - done,
      position + done,
    );
    done += bytesWritten;
  }
}
