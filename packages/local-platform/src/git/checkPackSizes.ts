import { inflateSync } from 'node:zlib';
import { PackError } from './PackError';

const DELTA_BY_OFFSET = 6;
const DELTA_BY_NAME = 7;
// How much a pack of the greatest size may unfold to, in all.
const LARGEST_GROWTH = 10;

/**
 * Refuses a pack that unfolds to more than can be worked with: some KB of it can
 * hold GB of zeros.
 *
 * https://git-scm.com/docs/gitformat-pack
 *
 * @internal
 */
export function checkPackSizes(pack: Buffer, maxObjectBytes: number): void {
  const end = pack.length - 20;
  let total = 0;
  let position = 12;
  for (let left = pack.readUInt32BE(8); left > 0; left -= 1) {
    if (position >= end) {
      throw new PackError('the pack ends before its last object');
    }
    const header = readHeader(pack, position);
    assertSize(header.size, maxObjectBytes, 'an object');
    const { content, consumed } = inflate(
      pack.subarray(header.next, end),
      header.size,
    );
    const size = header.isDelta ? resultSize(content) : header.size;
    assertSize(size, maxObjectBytes, 'an object');
    total += size;
    assertSize(total, LARGEST_GROWTH * maxObjectBytes, 'objects');
    position = header.next + consumed;
  }
}

function readHeader(
  pack: Buffer,
  position: number,
): { isDelta: boolean; size: number; next: number } {
  let next = position;
  let byte = pack[next++];
  const type = (byte >> 4) & 7;
  let size = byte & 15;
  for (let factor = 16; byte & 0x80; factor *= 128) {
    byte = pack[next++];
    size += (byte & 0x7f) * factor;
  }
  if (type === DELTA_BY_NAME) {
    next += 20;
  } else if (type === DELTA_BY_OFFSET) {
    while (pack[next++] & 0x80);
  }
  return {
    isDelta: type === DELTA_BY_NAME || type === DELTA_BY_OFFSET,
    size,
    next,
  };
}

function inflate(
  data: Buffer,
  size: number,
): { content: Buffer; consumed: number } {
  try {
    // With `info` the answer tells how much of the data was read, which the types leave out.
    const { buffer, engine } = inflateSync(data, {
      info: true,
      maxOutputLength: size + 1,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    if (buffer.length !== size) {
      throw new PackError('an object of the pack is shorter than it says');
    }
    return { content: buffer, consumed: engine.bytesWritten };
  } catch (error) {
    if (error instanceof PackError) {
      throw error;
    }
    // Zlib's own words name no object and help nobody.
    throw new PackError('an object of the pack cannot be read');
  }
}

/** A delta begins with the sizes of what it starts from and of what it makes. */
function resultSize(delta: Buffer): number {
  let position = 0;
  const read = () => {
    let size = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = delta[position++] ?? 0;
      size += (byte & 0x7f) * factor;
      if (!(byte & 0x80)) {
        return size;
      }
    }
  };
  read();
  return read();
}

function assertSize(size: number, limit: number, what: string): void {
  if (size > limit) {
    throw new PackError(
      `the pack holds ${what} of ${size} bytes, more than the ${limit} that are taken`,
    );
  }
}
