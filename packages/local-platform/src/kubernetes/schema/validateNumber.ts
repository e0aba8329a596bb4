import type { Schema } from './Schema';
import type { Fault } from './validate';

/** Range, step and width of a number. */
export function validateNumber(
  value: number,
  schema: Schema,
  path: string,
): Fault[] {
  const faults: Fault[] = [];
  const invalid = (why: string) =>
    faults.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${value}: ${path} in body ${why}`,
    });
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (minimum !== undefined && exclusiveMinimum && value <= minimum) {
    invalid(`should be greater than ${minimum}`);
  } else if (minimum !== undefined && value < minimum) {
    invalid(`should be greater than or equal to ${minimum}`);
  }
  if (maximum !== undefined && exclusiveMaximum && value >= maximum) {
    invalid(`should be less than ${maximum}`);
  } else if (maximum !== undefined && value > maximum) {
    invalid(`should be less than or equal to ${maximum}`);
  }
  if (schema.multipleOf && value % schema.multipleOf !== 0) {
    invalid(`should be a multiple of ${schema.multipleOf}`);
  }
  if (schema.format === 'int32' && Math.trunc(value) !== (value | 0)) {
    invalid(`must be of type int32: ${value}`);
  }
  return faults;
}
