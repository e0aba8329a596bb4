import type { KubernetesObject } from '../ObjectStore';
import type { ResourceDefinition } from '../resources/ResourceDefinition';
import { applyDefaults } from '../schema/applyDefaults';
import { prune } from '../schema/prune';
import { propertySchema, type JsonObject } from '../schema/Schema';
import { validate } from '../schema/validate';
import { validateMetadata } from '../schema/validateMetadata';
import { badRequest, invalid } from '../status/refusals';

/** What to do about fields that the schema does not know. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/**
 * Makes what was sent into what may be stored: unknown fields dropped,
 * defaults filled in, everything checked.
 *
 * @throws KubernetesStatusError 400 for unknown fields where the caller is strict, 422 with all faults.
 */
export function admit(
  definition: ResourceDefinition,
  sent: KubernetesObject,
  options: { previous?: KubernetesObject; fieldValidation: FieldValidation },
): { object: KubernetesObject; warnings: string[] } {
  const { value, unknown } = prune(
    sent as unknown as JsonObject,
    definition.schema,
  );
  const warnings = unknown.map(field => `unknown field "${field}"`);
  if (options.fieldValidation === 'Strict' && warnings.length > 0) {
    throw badRequest(
      `${definition.kind} in version "${
        definition.version
      }" cannot be handled as a ${
        definition.kind
      }: strict decoding error: ${warnings.join(', ')}`,
    );
  }
  const complete = applyDefaults(value, definition.schema);
  const prepared = definition.prepare?.(complete) ?? complete;
  const object = prepared as unknown as KubernetesObject;
  const shapeErrors = validateShape(definition, prepared);
  const errors = [
    ...shapeErrors,
    // Labels that are no texts cannot be read as labels.
    ...(shapeErrors.some(({ field }) => field.startsWith('metadata'))
      ? []
      : validateMetadata(object.metadata, definition)),
    ...(definition.check?.(
      prepared,
      options.previous as unknown as JsonObject | undefined,
    ) ?? []),
  ];
  if (errors.length > 0) {
    throw invalid(definition, object.metadata.name ?? '', errors);
  }
  return {
    object,
    warnings: options.fieldValidation === 'Ignore' ? [] : warnings,
  };
}

/** As {@link validate}, but fields at the top are named without a leading dot. */
function validateShape(definition: ResourceDefinition, object: JsonObject) {
  const { required = [] } = definition.schema;
  return [
    ...required
      .filter(name => !Object.hasOwn(object, name))
      .map(name => ({
        reason: 'FieldValueRequired',
        field: name,
        message: 'Required value',
      })),
    ...Object.entries(object).flatMap(([name, value]) =>
      validate(value, propertySchema(definition.schema, name), name),
    ),
  ];
}
