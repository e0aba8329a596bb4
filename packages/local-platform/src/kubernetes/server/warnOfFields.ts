import type { ServerResponse } from 'node:http';
import type { ResourceDefinition } from '../resources/ResourceDefinition';
import { prune } from '../schema/prune';
import type { JsonObject } from '../schema/Schema';
import { warn } from './warn';
import type { FieldValidation } from './writeOptions';

/**
 * Warns of fields that were named twice, and of those that the kind does not have.
 *
 * @throws what `refusal` makes of them where the client is strict
 */
export function warnOfFields(
  response: ServerResponse,
  object: JsonObject,
  options: {
    definition: ResourceDefinition;
    /** Of the text that it was read from. */
    faults: string[];
    fieldValidation: FieldValidation;
    refusal: (why: string) => Error;
  },
): void {
  const { definition, faults, fieldValidation, refusal } = options;
  if (fieldValidation === 'Ignore') {
    return;
  }
  const { unknown } = prune(object, definition.schema);
  const all = [
    ...faults,
    ...unknown.sort().map(field => `unknown field "${field}"`),
  ];
  if (fieldValidation === 'Strict' && all.length > 0) {
    throw refusal(`strict decoding error: ${all.map(strictly).join(', ')}`);
  }
  warn(response, all);
}

/** YAML's own faults are told apart only in a warning. */
function strictly(fault: string): string {
  return fault.startsWith('line ')
    ? `yaml: unmarshal errors:\n  ${fault}`
    : fault;
}
