import {
  isObject,
  propertySchema,
  type Json,
  type Schema,
} from '../schema/Schema';

/**
 * Why a configuration is none of its schema, in the words of server-side apply,
 * which looks at types and names only; null fits everywhere.
 */
export function typedFaults(
  value: Json,
  schema: Schema | undefined,
  path = '',
): string[] {
  if (!schema || value === null || schema['x-kubernetes-int-or-string']) {
    return [];
  }
  switch (schema.type) {
    case 'object':
      return isObject(value)
        ? fieldFaults(value, schema, path)
        : [`${path}: expected map, got &{${printed(value)}}`];
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((item, index) =>
            typedFaults(item, schema.items, `${path}[${index}]`),
          )
        : [`${path}: expected list, got &{${printed(value)}}`];
    case 'string':
      return typeof value === 'string'
        ? []
        : [
            `${path}: expected string, got &value.valueUnstructured{Value:${inGo(
              value,
            )}}`,
          ];
    case 'boolean':
      return typeof value === 'boolean'
        ? []
        : [`${path}: expected boolean, got &{${printed(value)}}`];
    case 'integer':
    case 'number':
      return typeof value === 'number'
        ? []
        : [
            `${path}: expected numeric (int or float), got *value.valueUnstructured`,
          ];
    default:
      return [];
  }
}

function fieldFaults(
  value: { [name: string]: Json },
  schema: Schema,
  path: string,
): string[] {
  const isOpen =
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema.additionalProperties === true;
  const faults: string[] = [];
  for (const [name, child] of Object.entries(value)) {
    const below = propertySchema(schema, name);
    if (!below && !isOpen) {
      // The rest is not looked at.
      return [...faults, `${path}.${name}: field not declared in schema`];
    }
    faults.push(...typedFaults(child, below, `${path}.${name}`));
  }
  return faults;
}

/** As Go's `%v`. */
function printed(value: Json): string {
  if (Array.isArray(value)) {
    return `[${value.map(printed).join(' ')}]`;
  }
  return isObject(value)
    ? `map[${entriesOf(value)
        .map(([name, child]) => `${name}:${printed(child)}`)
        .join(' ')}]`
    : String(value ?? '<nil>');
}

/** As Go's `%#v`. */
function inGo(value: Json): string {
  if (Array.isArray(value)) {
    return `[]interface {}{${value.map(inGo).join(', ')}}`;
  }
  if (isObject(value)) {
    return `map[string]interface {}{${entriesOf(value)
      .map(([name, child]) => `${JSON.stringify(name)}:${inGo(child)}`)
      .join(', ')}}`;
  }
  return value === null ? 'interface {}(nil)' : JSON.stringify(value);
}

function entriesOf(value: { [name: string]: Json }) {
  return Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
}
