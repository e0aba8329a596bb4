import type { FieldError } from '../status/refusals';

/** A field whose value breaks a rule. */
export function invalidValue(
  field: string,
  value: unknown,
  why: string,
): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  };
}
