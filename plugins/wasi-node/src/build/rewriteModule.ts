import { ByteReader } from '../inspect/ByteReader';
import { readPreamble } from '../inspect/readBinary';

const MAX_DEPTH = 32;
const CORE_MODULE_SECTION = 1;
const COMPONENT_SECTION = 4;

/**
 * What to change in a module, and in all that is nested in it.
 *
 * @internal
 */
export interface ModuleChanges {
  /** Whether the custom section of this name is left out. */
  drops?: (name: string) => boolean;
  /** What to put in the place of a core module inside a component; undefined keeps it. */
  replaces?: (coreModule: Uint8Array) => Uint8Array | undefined;
}

/**
 * Writes a core module or component anew with some changes, and the lengths
 * that follow from them.
 *
 * @returns The same bytes where nothing changed.
 * @throws `WasiError` MODULE_NOT_WASM or MODULE_TRUNCATED.
 * @internal
 */
export function rewriteModule(
  bytes: Uint8Array,
  changes: ModuleChanges,
): Uint8Array {
  const pieces = rewriteUnit(bytes, new ByteReader(bytes), changes, 0);
  if (!pieces) {
    return bytes;
  }
  const written = new Uint8Array(sizeOf(pieces));
  let offset = 0;
  for (const piece of pieces) {
    written.set(piece, offset);
    offset += piece.length;
  }
  return written;
}

/** Views of what there is now, in its order: nothing is copied yet. Undefined where nothing changed. */
function rewriteUnit(
  bytes: Uint8Array,
  reader: ByteReader,
  changes: ModuleChanges,
  depth: number,
): Uint8Array[] | undefined {
  if (depth > MAX_DEPTH) {
    throw reader.malformed(
      `components lie in one another more than ${MAX_DEPTH} deep`,
    );
  }
  let start = reader.position;
  let changed = false;
  const pieces: Uint8Array[] = [];
  const isComponent = readPreamble(reader) === 'component';
  while (!reader.done) {
    const section = reader.position;
    const id = reader.byte();
    const body = reader.slice(reader.u32());
    const content = bytes.subarray(body.position, reader.position);
    const nested =
      isComponent && (id === CORE_MODULE_SECTION || id === COMPONENT_SECTION);
    let instead: Uint8Array[] | undefined;
    if (id === 0) {
      instead = changes.drops?.(body.name()) ? [] : undefined;
    } else if (nested) {
      const replacement =
        id === CORE_MODULE_SECTION ? changes.replaces?.(content) : undefined;
      const parts = replacement
        ? [replacement]
        : rewriteUnit(bytes, body, changes, depth + 1);
      instead = parts && [Uint8Array.of(id, ...leb(sizeOf(parts))), ...parts];
    }
    if (instead) {
      changed = true;
      // What was read since `start` stays as it is.
      pieces.push(bytes.subarray(start, section), ...instead);
      start = reader.position;
    }
  }
  pieces.push(bytes.subarray(start, reader.position));
  return changed ? pieces : undefined;
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
