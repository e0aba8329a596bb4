import {
  isObject,
  propertySchema,
  type Json,
  type JsonObject,
  type Schema,
} from './Schema';

/**
 * Drops the fields that a schema does not know, and names them.
 *
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
 */
export function prune<T extends Json>(
  value: T,
  schema: Schema,
): { value: T; unknown: string[] } {
  const unknown: string[] = [];
  return { value: visit(value, schema, '', unknown) as T, unknown };
}

function visit(
  value: Json,
  schema: Schema | undefined,
  path: string,
  unknown: string[],
): Json {
  if (!schema) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      visit(item, schema.items, `${path}[${index}]`, unknown),
    );
  }
  if (!isObject(value)) {
    return value;
  }
  const open = acceptsAnyField(schema);
  const kept: JsonObject = {};
  for (const [name, child] of Object.entries(value)) {
    const childPath = path ? `${path}.${name}` : name;
    const childSchema = propertySchema(schema, name);
    if (childSchema || open) {
      define(kept, name, visit(child, childSchema, childPath, unknown));
    } else {
      unknown.push(childPath);
    }
  }
  return kept;
}

function acceptsAnyField(schema: Schema): boolean {
  return (
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema.additionalProperties === true ||
    schema.type !== 'object'
  );
}

// A plain assignment to `__proto__` would set the prototype.
function define(target: JsonObject, name: string, value: Json): void {
  Object.defineProperty(target, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
