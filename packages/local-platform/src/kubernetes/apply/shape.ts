import { itemKey, listKind } from '../schema/listItems';
import {
  isObject,
  propertySchema,
  type Json,
  type Schema,
} from '../schema/Schema';

/** One part of a value that can be owned by itself. */
export interface Part {
  /** As in FieldsV1: `f:…`, `k:…` or `v:…`. */
  element: string;
  value: Json;
  schema: Schema | undefined;
  /** A field that the schema names, as opposed to a key of a map or an item of a list. */
  named: boolean;
}

/**
 * The parts that a value is owned in; undefined for what is owned as a whole:
 * scalars, atomic lists and atomic maps.
 */
export function partsOf(
  value: Json,
  schema: Schema | undefined,
): Part[] | undefined {
  if (Array.isArray(value)) {
    return itemsOf(value, schema);
  }
  if (!isObject(value) || schema?.['x-kubernetes-map-type'] === 'atomic') {
    return undefined;
  }
  return Object.entries(value).map(([name, child]) => ({
    element: `f:${name}`,
    value: child,
    schema: propertySchema(schema, name),
    named: Object.hasOwn(schema?.properties ?? {}, name),
  }));
}

function itemsOf(items: Json[], schema: Schema | undefined) {
  const kind = listKind(schema);
  switch (kind.type) {
    case 'set':
      return items.map(value => ({
        element: `v:${JSON.stringify(value)}`,
        value,
        schema: schema?.items,
        named: false,
      }));
    case 'map': {
      const keys = items.map(item => itemKey(item, kind.keys, schema));
      // Items that cannot be told apart make the list one whole.
      return keys.some(key => key === undefined)
        ? undefined
        : items.map((value, index) => ({
            element: `k:${JSON.stringify(keys[index])}`,
            value,
            schema: schema?.items,
            named: false,
          }));
    }
    default:
      return undefined;
  }
}

/** Parts by their element. */
export function partsByElement(
  value: Json | undefined,
  schema: Schema | undefined,
): Map<string, Part> | undefined {
  const parts = value === undefined ? undefined : partsOf(value, schema);
  return parts && new Map(parts.map(part => [part.element, part]));
}
