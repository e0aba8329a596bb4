import { Header, Pax } from 'tar';
import { archiveInvalid } from './archiveInvalid';
import { ByteSource } from './ByteSource';

const BLOCK = 512;
const MOST_ENTRIES = 100_000;
/** A long name or a set of extended headers. */
const LARGEST_META = 64 * 1024;

/** One thing in a tar archive. */
export interface TarEntry {
  /** As it is written there; names nothing on this machine. */
  path: string;
  type: 'file' | 'other';
  size: number;
  /** To be read before the next entry is asked for, or not at all. */
  content(): AsyncGenerator<Uint8Array>;
}

/**
 * Reads a tar archive front to back, in bounded memory.
 *
 * Nothing is ever written by the name that an entry has.
 *
 * @throws WasiError `ARCHIVE_INVALID`
 */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<TarEntry> {
  const source = new ByteSource(chunks);
  try {
    yield* entriesOf(source);
  } finally {
    await source.close();
  }
}

async function* entriesOf(source: ByteSource): AsyncGenerator<TarEntry> {
  let extended: Pax | undefined;
  let global: Pax | undefined;
  let longPath: string | undefined;
  for (let count = 0; ; count++) {
    const header = await readHeader(source, extended, global);
    if (!header) {
      return;
    }
    if (count === MOST_ENTRIES) {
      throw archiveInvalid(`it has more than ${MOST_ENTRIES} entries`);
    }
    const size = header.size ?? 0;
    if (!Number.isSafeInteger(size) || size < 0) {
      throw archiveInvalid('an entry has no usable size');
    }
    switch (header.type) {
      case 'ExtendedHeader':
        extended = Pax.parse(await readMeta(source, size), extended, false);
        break;
      case 'GlobalExtendedHeader':
        global = Pax.parse(await readMeta(source, size), global, true);
        break;
      case 'NextFileHasLongPath':
      case 'OldGnuLongPath':
        longPath = withoutNul(await readMeta(source, size));
        break;
      case 'NextFileHasLongLinkpath':
        await readMeta(source, size);
        break;
      default: {
        const isFile = ['File', 'OldFile', 'ContiguousFile'].includes(
          header.type,
        );
        const read = { bytes: 0 };
        yield {
          path: longPath ?? header.path ?? '',
          type: isFile ? 'file' : 'other',
          size,
          content: () => contentOf(source, size, read),
        };
        await source.skip(size - read.bytes + padding(size));
        extended = undefined;
        longPath = undefined;
      }
    }
  }
}

async function readHeader(
  source: ByteSource,
  extended: Pax | undefined,
  global: Pax | undefined,
): Promise<Header | undefined> {
  // An archive ends with two empty blocks; many writers end it with none.
  for (let empty = 0; empty < 2; empty++) {
    const block = await source.read(BLOCK, { orEnd: true });
    if (!block) {
      return undefined;
    }
    const header = parseHeader(block, extended, global);
    if (!header.nullBlock) {
      if (!header.cksumValid) {
        throw archiveInvalid('the checksum of an entry is wrong');
      }
      return header;
    }
  }
  return undefined;
}

function parseHeader(
  block: Buffer,
  extended: Pax | undefined,
  global: Pax | undefined,
): Header {
  try {
    return new Header(block, 0, extended, global);
  } catch {
    // Thrown for numbers that are none; the text names no more than that.
    throw archiveInvalid('an entry has a broken header');
  }
}

async function readMeta(source: ByteSource, size: number): Promise<string> {
  if (size > LARGEST_META) {
    throw archiveInvalid(`a name or header has ${size} bytes`);
  }
  const bytes = await source.read(size);
  await source.skip(padding(size));
  return bytes.toString('utf8');
}

async function* contentOf(
  source: ByteSource,
  size: number,
  read: { bytes: number },
): AsyncGenerator<Uint8Array> {
  while (read.bytes < size) {
    const chunk = await source.readSome(size - read.bytes);
    read.bytes += chunk.length;
    yield chunk;
  }
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function withoutNul(text: string): string {
  return text.replace(/\0[^]*$/, '');
}
