import { isSameJson } from '../schema/isSameJson';
import { isObject, type JsonObject } from '../schema/Schema';
import type { FieldError } from '../status/refusals';

const MAXIMUM_BYTES = 1024 * 1024;

/** Rules for the keys and the size of secrets and config maps. */
export function checkData(object: JsonObject, fields: string[]): FieldError[] {
  const entries = fields.flatMap(field => {
    const data = object[field];
    return isObject(data)
      ? Object.entries(data).map(([key, value]) => ({ field, key, value }))
      : [];
  });
  const bytes = entries.reduce(
    (sum, { value }) => sum + Buffer.byteLength(String(value)),
    0,
  );
  return [
    ...entries
      .filter(
        ({ key }) =>
          !/^[-._a-zA-Z0-9]{1,253}$/.test(key) || /^\.\.?$/.test(key),
      )
      .map(({ field, key }) => ({
        reason: 'FieldValueInvalid',
        field: `${field}[${key}]`,
        message: `Invalid value: ${JSON.stringify(
          key,
        )}: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
      })),
    ...(bytes > MAXIMUM_BYTES
      ? [
          {
            reason: 'FieldValueTooLong',
            field: fields[0],
            message: `Too long: may not be more than ${MAXIMUM_BYTES} bytes`,
          },
        ]
      : []),
  ];
}

/** What `immutable: true` forbids. */
export function checkImmutable(
  object: JsonObject,
  previous: JsonObject,
  fields: string[],
): FieldError[] {
  if (previous.immutable !== true) {
    return [];
  }
  return ['immutable', ...fields]
    .filter(field => !isSameJson(object[field], previous[field]))
    .map(field => ({
      reason: 'FieldValueForbidden',
      field,
      message: 'Forbidden: field is immutable when `immutable` is set',
    }));
}
