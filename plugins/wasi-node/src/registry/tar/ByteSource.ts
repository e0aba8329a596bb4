import { archiveInvalid } from './archiveInvalid';

/** Takes from a stream exactly as many bytes as are asked for. */
export class ByteSource {
  private readonly iterator: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array();
  private ended = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.iterator = chunks[Symbol.asyncIterator]();
  }

  /** @returns undefined where nothing comes any more, if that is allowed. */
  async read(
    size: number,
    options: { orEnd: true },
  ): Promise<Buffer | undefined>;
  async read(size: number): Promise<Buffer>;
  async read(
    size: number,
    options?: { orEnd: true },
  ): Promise<Buffer | undefined> {
    const bytes = Buffer.alloc(size);
    let length = 0;
    while (length < size) {
      if (!(await this.fill())) {
        if (length === 0 && options?.orEnd) {
          return undefined;
        }
        throw archiveInvalid('it ends in the middle of an entry');
      }
      const part = this.rest.subarray(0, size - length);
      bytes.set(part, length);
      length += part.length;
      this.rest = this.rest.subarray(part.length);
    }
    return bytes;
  }

  /** Some bytes, at most so many; never none. */
  async readSome(most: number): Promise<Uint8Array> {
    if (!(await this.fill())) {
      throw archiveInvalid('it ends in the middle of an entry');
    }
    const part = this.rest.subarray(0, most);
    this.rest = this.rest.subarray(part.length);
    return part;
  }

  async skip(size: number): Promise<void> {
    for (let left = size; left > 0; ) {
      left -= (await this.readSome(left)).length;
    }
  }

  async close(): Promise<void> {
    await this.iterator.return?.();
  }

  private async fill(): Promise<boolean> {
    while (!this.rest.length && !this.ended) {
      const { done, value } = await this.iterator.next();
      if (done) {
        this.ended = true;
      } else {
        this.rest = value;
      }
    }
    return this.rest.length > 0;
  }
}
