import type { Column } from '../resources/ResourceDefinition';
import { isObject, type Json, type JsonObject } from '../schema/Schema';
import { age } from './age';
import { compileJsonPath } from './jsonPath';

/** What `kubectl explain` says of it, too. */
const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';

/** First column of every table. */
export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: NAME_DESCRIPTION,
  priority: 0,
  cell: object => metadata(object).name ?? '',
};

/** Last column where a kind names no columns of its own. */
export const ageColumn: Column = {
  name: 'Age',
  type: 'string',
  description: 'Time since the object was created.',
  priority: 0,
  cell: (object, now) => age(metadata(object).creationTimestamp, now),
};

/** A column of the built-in kinds. */
export function column(
  name: string,
  description: string,
  cell: Column['cell'],
  options: { type?: Column['type']; wide?: boolean } = {},
): Column {
  return {
    name,
    type: options.type ?? 'string',
    description,
    priority: options.wide ? 1 : 0,
    cell,
  };
}

/** A column of a CustomResourceDefinition (`additionalPrinterColumns`). */
export function printerColumn(declared: {
  name: string;
  type: Column['type'];
  jsonPath: string;
  format?: string;
  description?: string;
  priority?: number;
}): Column {
  const valuesOf = compileJsonPath(declared.jsonPath);
  return {
    name: declared.name,
    type: declared.type,
    ...(declared.format && { format: declared.format }),
    description:
      declared.description ??
      `Custom resource definition column (in JSONPath format): ${declared.jsonPath}`,
    priority: declared.priority ?? 0,
    cell: (object, now) => print(valuesOf(object), declared.type, now),
  };
}

function print(values: Json[], type: Column['type'], now: Date): Json {
  const [value] = values;
  if (value === undefined || value === null) {
    return null;
  }
  switch (type) {
    case 'integer':
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return age(value, now);
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

export function metadata(object: JsonObject): JsonObject {
  return isObject(object.metadata) ? object.metadata : {};
}

/** The value along field names, or undefined. */
export function read(object: Json | undefined, ...path: string[]) {
  return path.reduce<Json | undefined>(
    (value, name) => (isObject(value) ? value[name] : undefined),
    object,
  );
}
