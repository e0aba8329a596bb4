import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

const writeBytes = 1024 * 1024;

/** What came of a blob so far; written while more comes in. */
export class ReceivedBlob {
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
