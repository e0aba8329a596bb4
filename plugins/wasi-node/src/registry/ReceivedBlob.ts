import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { BlobDescriptor } from './downloadBlob';

// One write of this size takes a third of the time that one of its pieces takes.
const writeBytes = 1024 * 1024;

/** What came of a blob so far; written while more comes in. */
export class ReceivedBlob {
  size = 0;
  private readonly algorithm: string;
  private hash: Hash;
  private filling: Buffer;
  private filled = 0;
  /** Being written, or free. */
  private other: Buffer;
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly file: FileHandle, blob: BlobDescriptor) {
    [this.algorithm] = blob.digest.split(':');
    this.hash = createHash(this.algorithm);
    const bytes = Math.min(writeBytes, blob.size);
    this.filling = Buffer.allocUnsafe(bytes);
    this.other = Buffer.allocUnsafe(bytes);
  }

  startAnew(): void {
    this.size = 0;
    this.hash = createHash(this.algorithm);
  }

  async add(chunk: Buffer): Promise<void> {
    this.hash.update(chunk);
    for (let taken = 0; taken < chunk.length; ) {
      const count = chunk.copy(this.filling, this.filled, taken);
      taken += count;
      this.filled += count;
      this.size += count;
      if (this.filled === this.filling.length) {
        await this.writing;
        this.writing = this.write();
        // Thrown by the next piece, or by the flush.
        this.writing.catch(() => {});
      }
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
    const { filling: full, filled, size } = this;
    [this.filling, this.other] = [this.other, full];
    this.filled = 0;
    for (let written = 0; written < filled; ) {
      // A short write is how a disk announces that it is full.
      const { bytesWritten } = await this.file.write(
        full,
        written,
        filled - written,
        size - filled + written,
      );
      written += bytesWritten;
    }
  }
}
