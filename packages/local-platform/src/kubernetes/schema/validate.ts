import type { FieldError } from '../status/refusals';
import { findDuplicates } from './listItems';
import { isObject, propertySchema, type Json, type Schema } from './Schema';
import { validateText } from './validateText';
import { validateNumber } from './validateNumber';

/** A field error without its field. */
export type Fault = Omit<FieldError, 'field'>;

/**
 * Checks a value against a structural schema; errors read as Kubernetes writes them.
 *
 * Rules in CEL (`x-kubernetes-validations`) are not evaluated.
 */
export function validate(
  value: Json,
  schema: Schema | undefined,
  path: string,
): FieldError[] {
  if (!schema) {
    return [];
  }
  if (value === null && schema.nullable) {
    return [];
  }
  if (!hasType(value, schema)) {
    return [typeError(value, schema, path)];
  }
  return [
    ...validateEnum(value, schema, path),
    ...validateOwn(value, schema, path),
    ...validateChildren(value, schema, path),
    ...validateCombinations(value, schema, path),
  ];
}

/** How the API names a value in an error. */
export function print(value: Json): string {
  return JSON.stringify(value);
}

function typeName(value: Json): string {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'array';
  }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? 'integer' : 'number';
  }
  return typeof value;
}

function hasType(value: Json, schema: Schema): boolean {
  const name = typeName(value);
  if (schema['x-kubernetes-int-or-string']) {
    return name === 'integer' || name === 'string';
  }
  return (
    !schema.type ||
    name === schema.type ||
    (schema.type === 'number' && name === 'integer')
  );
}

function typeError(value: Json, schema: Schema, path: string): FieldError {
  const wanted = schema['x-kubernetes-int-or-string']
    ? 'integer,string'
    : schema.type;
  const found = print(typeName(value));
  return {
    reason: 'FieldValueTypeInvalid',
    field: path,
    message: `Invalid value: ${found}: ${path} in body must be of type ${wanted}: ${found}`,
  };
}

function validateEnum(value: Json, schema: Schema, path: string): FieldError[] {
  const text = print(value);
  if (!schema.enum || schema.enum.some(one => print(one) === text)) {
    return [];
  }
  return [
    {
      reason: 'FieldValueNotSupported',
      field: path,
      message: `Unsupported value: ${text}: supported values: ${schema.enum
        .map(print)
        .join(', ')}`,
    },
  ];
}

function validateOwn(value: Json, schema: Schema, path: string): FieldError[] {
  const faults = [
    ...(typeof value === 'string' ? validateText(value, schema, path) : []),
    ...(typeof value === 'number' ? validateNumber(value, schema, path) : []),
    ...(Array.isArray(value) ? validateLength(value, schema) : []),
    ...(isObject(value) ? validateSize(Object.keys(value), schema) : []),
  ];
  return faults.map(fault => ({ ...fault, field: path }));
}

function validateChildren(
  value: Json,
  schema: Schema,
  path: string,
): FieldError[] {
  if (Array.isArray(value)) {
    return [
      ...value.flatMap((item, index) =>
        validate(item, schema.items, `${path}[${index}]`),
      ),
      ...findDuplicates(value, schema).map(duplicate => ({
        reason: 'FieldValueDuplicate',
        field: `${path}[${duplicate.index}]`,
        message: `Duplicate value: ${print(duplicate.key)}`,
      })),
    ];
  }
  if (!isObject(value)) {
    return [];
  }
  const missing = (schema.required ?? [])
    .filter(name => !Object.hasOwn(value, name))
    .map(name => ({
      reason: 'FieldValueRequired',
      field: join(path, name),
      message: 'Required value',
    }));
  return [
    ...missing,
    ...Object.entries(value).flatMap(([name, child]) =>
      validate(child, propertySchema(schema, name), join(path, name)),
    ),
  ];
}

function validateCombinations(
  value: Json,
  schema: Schema,
  path: string,
): FieldError[] {
  const fits = (one: Schema) => validate(value, one, path).length === 0;
  const refuse = (rule: string): FieldError => ({
    reason: 'FieldValueInvalid',
    field: path,
    message: `Invalid value: ${print(value)}: "${path}" ${rule}`,
  });
  const errors: FieldError[] = [];
  if (schema.anyOf && !schema.anyOf.some(fits)) {
    errors.push(refuse('must validate at least one schema (anyOf)'));
  }
  if (schema.oneOf && schema.oneOf.filter(fits).length !== 1) {
    errors.push(refuse('must validate one and only one schema (oneOf)'));
  }
  if (schema.allOf && !schema.allOf.every(fits)) {
    errors.push(refuse('must validate all the schemas (allOf)'));
  }
  if (schema.not && fits(schema.not)) {
    errors.push(refuse('must not validate the schema (not)'));
  }
  return errors;
}

function validateLength(value: Json[], schema: Schema): Fault[] {
  const count = value.length;
  if (schema.maxItems !== undefined && count > schema.maxItems) {
    return [
      {
        reason: 'FieldValueTooMany',
        message: `Too many: ${count}: must have at most ${schema.maxItems} items`,
      },
    ];
  }
  if (schema.minItems !== undefined && count < schema.minItems) {
    return [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${count}: should have at least ${schema.minItems} items`,
      },
    ];
  }
  return [];
}

function validateSize(names: string[], schema: Schema): Fault[] {
  const { minProperties, maxProperties } = schema;
  if (maxProperties !== undefined && names.length > maxProperties) {
    return [
      {
        reason: 'FieldValueTooMany',
        message: `Too many: ${names.length}: must have at most ${maxProperties} items`,
      },
    ];
  }
  if (minProperties !== undefined && names.length < minProperties) {
    return [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${names.length}: should have at least ${minProperties} properties`,
      },
    ];
  }
  return [];
}

function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}
