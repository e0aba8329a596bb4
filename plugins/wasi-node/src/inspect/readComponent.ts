import type { ByteReader } from './ByteReader';
import { type ModuleItem, readItems } from './readItems';

const SORTS = [
  'core',
  'func',
  'value',
  'type',
  'component',
  'instance',
] as const;

/**
 * Names in an import section of a component.
 *
 * @internal
 */
export function readComponentImports(reader: ByteReader): ModuleItem[] {
  return readItems(reader, () => {
    const name = readExternName(reader);
    return { name, kind: readExternType(reader) };
  });
}

/**
 * Names in an export section of a component.
 *
 * @internal
 */
export function readComponentExports(reader: ByteReader): ModuleItem[] {
  return readItems(reader, () => {
    const name = readExternName(reader);
    const kind = readSort(reader);
    if (kind === 'core') {
      reader.byte();
    }
    reader.u32();
    if (reader.byte() === 0x01) {
      readExternType(reader);
    }
    return { name, kind };
  });
}

/**
 * Tells whether a canon section lifts or lowers asynchronously, or names one
 * of the built-ins of component-model async.
 *
 * @internal
 */
export function usesAsync(reader: ByteReader): boolean {
  const count = reader.u32();
  for (let index = 0; index < count; index++) {
    switch (reader.byte()) {
      case 0x00: // lift
        reader.byte();
        reader.u32();
        if (readCanonOptions(reader)) {
          return true;
        }
        reader.u32();
        break;
      case 0x01: // lower
        reader.byte();
        reader.u32();
        if (readCanonOptions(reader)) {
          return true;
        }
        break;
      case 0x02: // resource.new
      case 0x03: // resource.drop
      case 0x04: // resource.rep
        reader.u32();
        break;
      default:
        // All others came with async, threads or error contexts.
        return true;
    }
  }
  return false;
}

/** True where `async` or `callback` is among the options. */
function readCanonOptions(reader: ByteReader): boolean {
  const count = reader.u32();
  let async = false;
  for (let index = 0; index < count; index++) {
    const option = reader.byte();
    if (option >= 0x03 && option !== 0x06) {
      reader.u32();
    }
    async ||= option >= 0x06;
  }
  return async;
}

function readExternName(reader: ByteReader): string {
  const form = reader.byte();
  const name = reader.name();
  if (form === 0x02) {
    // A name that was cut to its compatible part carries the rest of the version beside it.
    return name + reader.name();
  }
  if (form > 0x02) {
    throw reader.malformed(`a name is of the unknown form ${form}`);
  }
  return name;
}

function readSort(reader: ByteReader): ModuleItem['kind'] {
  const sort = reader.byte();
  const kind = SORTS[sort];
  if (!kind) {
    throw reader.malformed(
      `an import or export is of the unknown sort ${sort}`,
    );
  }
  return kind;
}

function readExternType(reader: ByteReader): ModuleItem['kind'] {
  const kind = readSort(reader);
  switch (kind) {
    case 'core':
      reader.byte();
      reader.u32();
      break;
    case 'value':
    case 'type':
      // `eq` with an index or value type; a type may also be `sub resource`, without one.
      if (reader.byte() === 0x00 || kind === 'value') {
        reader.skipLeb();
      }
      break;
    default:
      reader.u32();
  }
  return kind;
}
