import type { ByteReader } from './ByteReader';

/**
 * One import or export: its name and what is behind it.
 *
 * @internal
 */
export interface ModuleItem {
  name: string;
  kind: 'core' | 'func' | 'value' | 'type' | 'component' | 'instance';
}

const MAX_ITEMS = 100_000;

/**
 * Reads a counted list of imports or exports, of a component or a core module.
 *
 * @internal
 */
export function readItems(
  reader: ByteReader,
  readItem: () => ModuleItem,
): ModuleItem[] {
  const count = reader.u32();
  if (count > MAX_ITEMS) {
    throw reader.malformed(
      `it names more than ${MAX_ITEMS} imports or exports`,
    );
  }
  const items: ModuleItem[] = [];
  for (let index = 0; index < count; index++) {
    items.push(readItem());
  }
  return items;
}
