import { isObject, type Json } from '../schema/Schema';

/** What a Go program reads a JSON value into. */
export type GoType = {
  /** Name of the type in errors. */
  name: string;
} & (
  | { json: 'string' | 'number' | 'bool' | 'any' }
  | { json: 'time' }
  | { json: 'array'; items: GoType }
  | { json: 'map'; values: GoType }
  | { json: 'struct'; struct: string; fields: Record<string, GoType> }
);

/** Name of a value's type in the errors of encoding/json. */
export function jsonName(value: Json): string {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'array';
  }
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Why a value cannot be read into a type, in Go's words; undefined where it can. */
export function misfit(
  value: Json,
  type: GoType,
  at: { struct: string; path: string } = { struct: '', path: '' },
): string | undefined {
  // Null leaves everything as it is.
  if (value === null || type.json === 'any') {
    return undefined;
  }
  const refuse = (what: string) =>
    at.path
      ? `json: cannot unmarshal ${what} into Go struct field ${at.struct}.${at.path} of type ${type.name}`
      : `json: cannot unmarshal ${what} into Go value of type ${type.name}`;
  switch (type.json) {
    case 'array':
      return Array.isArray(value)
        ? first(value, item => misfit(item, type.items, at))
        : refuse(jsonName(value));
    case 'map':
      return isObject(value)
        ? first(Object.values(value), one => misfit(one, type.values, at))
        : refuse(jsonName(value));
    case 'struct':
      return isObject(value)
        ? first(Object.entries(value), ([name, child]) =>
            Object.hasOwn(type.fields, name)
              ? misfit(child, type.fields[name], {
                  struct: type.struct,
                  path: at.path ? `${at.path}.${name}` : name,
                })
              : undefined,
          )
        : refuse(jsonName(value));
    case 'time':
      return typeof value === 'string'
        ? misfitTime(value)
        : `json: cannot unmarshal ${jsonName(
            value,
          )} into Go value of type string`;
    default:
      if (jsonName(value) !== type.json) {
        return refuse(jsonName(value));
      }
      return type.name.startsWith('int') && !Number.isInteger(value)
        ? refuse(`number ${String(value)}`)
        : undefined;
  }
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function misfitTime(value: string): string | undefined {
  return RFC3339.test(value)
    ? undefined
    : `parsing time ${JSON.stringify(
        value,
      )} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(
        value,
      )} as "2006"`;
}

function first<T>(
  values: T[],
  find: (value: T) => string | undefined,
): string | undefined {
  for (const value of values) {
    const found = find(value);
    if (found) {
      return found;
    }
  }
  return undefined;
}
