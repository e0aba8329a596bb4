import { isObject, type Json, type JsonObject, type Schema } from './Schema';

/** How the items of a list are told apart. */
export type ListKind =
  | { type: 'atomic' }
  | { type: 'set' }
  | { type: 'map'; keys: string[] };

export function listKind(schema: Schema | undefined): ListKind {
  switch (schema?.['x-kubernetes-list-type']) {
    case 'set':
      return { type: 'set' };
    case 'map':
      return {
        type: 'map',
        keys: schema['x-kubernetes-list-map-keys'] ?? [],
      };
    default:
      return { type: 'atomic' };
  }
}

/**
 * The key fields of an item of a list of type map, their defaults filled in;
 * undefined where one is absent.
 */
export function itemKey(
  item: Json,
  keys: string[],
  schema: Schema | undefined,
): JsonObject | undefined {
  const key: JsonObject = {};
  for (const name of [...keys].sort()) {
    const value = isObject(item) ? item[name] : undefined;
    const known = value ?? schema?.items?.properties?.[name]?.default;
    if (known === undefined || known === null) {
      return undefined;
    }
    key[name] = known;
  }
  return key;
}

/** Items of a set or map that repeat an earlier one. */
export function findDuplicates(
  items: Json[],
  schema: Schema,
): { index: number; key: Json }[] {
  const kind = listKind(schema);
  if (kind.type === 'atomic' && !schema.uniqueItems) {
    return [];
  }
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const key = kind.type === 'map' ? itemKey(item, kind.keys, schema) : item;
    const text = key === undefined ? undefined : JSON.stringify(key);
    if (text === undefined || !seen.has(text)) {
      if (text !== undefined) {
        seen.add(text);
      }
      return [];
    }
    return [{ index, key: key! }];
  });
}
