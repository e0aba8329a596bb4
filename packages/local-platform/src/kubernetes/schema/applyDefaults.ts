import { isObject, propertySchema, type Json, type Schema } from './Schema';

/**
 * Fills in a schema's defaults for absent fields, and for null where null is not allowed.
 *
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting
 */
export function applyDefaults<T extends Json>(
  value: T,
  schema: Schema | undefined,
): T {
  return visit(value, schema) as T;
}

function visit(value: Json, schema: Schema | undefined): Json {
  if (!schema) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(item => visit(item, schema.items));
  }
  if (!isObject(value)) {
    return value;
  }
  const filled = new Map(Object.entries(value));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const absent =
      !filled.has(name) || (filled.get(name) === null && !property.nullable);
    if (property.default !== undefined && absent) {
      filled.set(name, structuredClone(property.default));
    }
  }
  return Object.fromEntries(
    [...filled].map(([name, child]) => [
      name,
      visit(child, propertySchema(schema, name)),
    ]),
  );
}
