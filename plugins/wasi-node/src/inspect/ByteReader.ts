import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** As in the engines. */
const MAX_NAME_BYTES = 100_000;
/** All names of a file together, each with what it takes to hold it. */
const MAX_NAMES_BYTES = 16 * 1024 * 1024;
const NAME_OVERHEAD = 32;

/**
 * Reads a WebAssembly binary front to back and never past a bound.
 *
 * Holds no copy of the bytes; a length that the file cannot have is refused
 * before anything of that length is made.
 *
 * @internal
 */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private readonly isWhole: boolean;
  private readonly names: { size: number };
  private offset: number;

  constructor(
    bytes: Uint8Array,
    part?: { start: number; end: number; names: { size: number } },
  ) {
    this.bytes = bytes;
    this.names = part?.names ?? { size: 0 };
    this.offset = part?.start ?? 0;
    this.end = part?.end ?? bytes.length;
    this.isWhole = part === undefined;
  }

  get position(): number {
    return this.offset;
  }

  get done(): boolean {
    return this.offset >= this.end;
  }

  /** A reader of the next `length` bytes, which this reader skips. */
  slice(length: number): ByteReader {
    const start = this.advance(length);
    return new ByteReader(this.bytes, {
      start,
      end: start + length,
      names: this.names,
    });
  }

  byte(): number {
    return this.bytes[this.advance(1)];
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffffffff) {
          break;
        }
        return value;
      }
    }
    throw this.malformed('a number is too large');
  }

  /** Skips a signed or unsigned LEB128 of at most 64 bits. */
  skipLeb(): void {
    for (let count = 0; count < 10; count++) {
      if (this.byte() < 0x80) {
        return;
      }
    }
    throw this.malformed('a number is too large');
  }

  /** UTF-8 with its length before it. */
  name(): string {
    const length = this.u32();
    const start = this.advance(length);
    if (length > MAX_NAME_BYTES) {
      throw this.malformed(`a name is longer than ${MAX_NAME_BYTES} bytes`);
    }
    this.names.size += length + NAME_OVERHEAD;
    if (this.names.size > MAX_NAMES_BYTES) {
      throw this.malformed('its names are too many to be listed');
    }
    try {
      return decoder.decode(this.bytes.subarray(start, start + length));
    } catch {
      throw this.malformed('a name is not UTF-8');
    }
  }

  malformed(why: string): WasiError {
    return new WasiError('MODULE_NOT_WASM', {
      message: `The WebAssembly file is damaged at byte ${this.offset}: ${why}.`,
      remedy: 'Build or download it again.',
    });
  }

  private advance(length: number): number {
    const start = this.offset;
    if (length > this.end - start) {
      // A section that is there in full has no excuse: its own lengths contradict each other.
      throw this.isWhole
        ? new WasiError('MODULE_TRUNCATED', {
            message: `The WebAssembly file ends after ${
              this.bytes.length
            } bytes; at byte ${start} it promises ${
              length - (this.end - start)
            } more.`,
          })
        : this.malformed('something is longer than what holds it');
    }
    this.offset = start + length;
    return start;
  }
}
