import type { Schema } from './Schema';
import type { Fault } from './validate';

const DATE_TIME =
  /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const BASE64 =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Length, pattern and format of a string. */
export function validateText(
  value: string,
  schema: Schema,
  path: string,
): Fault[] {
  const faults: Fault[] = [];
  const shown = JSON.stringify(value);
  const invalid = (why: string) =>
    faults.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${shown}: ${path} in body ${why}`,
    });
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    faults.push({
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${schema.maxLength} bytes`,
    });
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    invalid(`should be at least ${schema.minLength} chars long`);
  }
  // A pattern is the cluster administrator's own, as it is in Kubernetes.
  if (schema.pattern && !new RegExp(schema.pattern).test(value)) {
    invalid(`should match '${schema.pattern}'`);
  }
  if (schema.format === 'date-time' && !DATE_TIME.test(value)) {
    invalid(`must be of type date-time: ${shown}`);
  }
  if (schema.format === 'byte' && !BASE64.test(value)) {
    invalid(`must be of type byte: ${shown}`);
  }
  return faults;
}
