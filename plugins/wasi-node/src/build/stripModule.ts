import { ByteReader } from '../inspect/ByteReader';
import { readPreamble } from '../inspect/readBinary';

const MAX_DEPTH = 32;
const CORE_MODULE_SECTION = 1;
const COMPONENT_SECTION = 4;

/**
 * Sections that debuggers read and engines do not: names of functions and
 * locals, DWARF and where to find it. A trap's trace shows numbers without them.
 */
const DEBUG_SECTION =
  /^(?:name|component-name|sourceMappingURL|external_debug_info|(?:reloc\.)?\.debug_.*)$/;

/**
 * Leaves out what is there for debuggers alone, in a core module or a component
 * and all that is nested in it.
 *
 * Other custom sections stay: `producers` tells what made the module, a
 * `component-type` what it can become, branch hints are for the engine, and one
 * that we do not know may matter to somebody.
 *
 * @returns The same bytes where there is nothing to leave out.
 * @throws `WasiError` MODULE_NOT_WASM or MODULE_TRUNCATED.
 * @internal
 */
export function stripModule(bytes: Uint8Array): Uint8Array {
  const pieces = stripUnit(bytes, new ByteReader(bytes), 0);
  const size = sizeOf(pieces);
  if (size === bytes.length) {
    return bytes;
  }
  const stripped = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    stripped.set(piece, offset);
    offset += piece.length;
  }
  return stripped;
}

/** Views of what stays, in its order: nothing is copied yet. */
function stripUnit(
  bytes: Uint8Array,
  reader: ByteReader,
  depth: number,
): Uint8Array[] {
  if (depth > MAX_DEPTH) {
    throw reader.malformed(
      `components lie in one another more than ${MAX_DEPTH} deep`,
    );
  }
  let start = reader.position;
  const isComponent = readPreamble(reader) === 'component';
  const pieces: Uint8Array[] = [];
  /** What was read since `start` stays as it is. */
  const keepUntil = (end: number) => {
    if (end > start) {
      pieces.push(bytes.subarray(start, end));
    }
  };
  while (!reader.done) {
    const sectionStart = reader.position;
    const id = reader.byte();
    const body = reader.slice(reader.u32());
    const bodyStart = body.position;
    if (id === 0) {
      if (DEBUG_SECTION.test(body.name())) {
        keepUntil(sectionStart);
        start = reader.position;
      }
    } else if (
      isComponent &&
      (id === CORE_MODULE_SECTION || id === COMPONENT_SECTION)
    ) {
      const nested = stripUnit(bytes, body, depth + 1);
      const size = sizeOf(nested);
      if (size < reader.position - bodyStart) {
        keepUntil(sectionStart);
        start = reader.position;
        pieces.push(Uint8Array.of(id, ...leb(size)), ...nested);
      }
    }
  }
  keepUntil(reader.position);
  return pieces;
}

function sizeOf(pieces: Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** Unsigned LEB128 at its shortest. */
function leb(value: number): number[] {
  const bytes = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
