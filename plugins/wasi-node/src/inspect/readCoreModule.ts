import type { ByteReader } from './ByteReader';
import { type ModuleItem, readItems } from './readItems';

/**
 * Names in the import section of a core module, as `module.name`.
 *
 * @internal
 */
export function readCoreImports(reader: ByteReader): ModuleItem[] {
  return readItems(reader, () => {
    const name = `${reader.name()}.${reader.name()}`;
    skipImportType(reader);
    return { name, kind: 'core' };
  });
}

/**
 * Names in the export section of a core module.
 *
 * @internal
 */
export function readCoreExports(reader: ByteReader): ModuleItem[] {
  return readItems(reader, () => {
    const name = reader.name();
    reader.byte();
    reader.u32();
    return { name, kind: 'core' };
  });
}

function skipImportType(reader: ByteReader): void {
  const kind = reader.byte();
  switch (kind) {
    case 0x00: // function
      reader.u32();
      return;
    case 0x01: // table
      skipReferenceType(reader);
      skipLimits(reader);
      return;
    case 0x02: // memory
      skipLimits(reader);
      return;
    case 0x03: // global
      skipReferenceType(reader);
      reader.byte();
      return;
    case 0x04: // tag
      reader.byte();
      reader.u32();
      return;
    default:
      throw reader.malformed(`an import is of the unknown kind ${kind}`);
  }
}

/** Also skips number types, which are one byte as well. */
function skipReferenceType(reader: ByteReader): void {
  const type = reader.byte();
  if (type === 0x63 || type === 0x64) {
    reader.skipLeb();
  }
}

function skipLimits(reader: ByteReader): void {
  const flags = reader.byte();
  reader.skipLeb();
  if (flags & 0x01) {
    reader.skipLeb();
  }
  if (flags & 0x08) {
    // Custom page size.
    reader.u32();
  }
}
