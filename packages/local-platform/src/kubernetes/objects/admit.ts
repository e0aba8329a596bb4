import type { KubernetesObject } from '../ObjectStore';
import type { ResourceDefinition } from '../resources/ResourceDefinition';
import { applyDefaults } from '../schema/applyDefaults';
import { prune } from '../schema/prune';
import { propertySchema, type JsonObject } from '../schema/Schema';
import { validate } from '../schema/validate';
import { validateMetadata } from '../schema/validateMetadata';
import { invalid } from '../status/refusals';

/**
 * Makes what was sent into what may be stored: unknown fields dropped,
 * defaults filled in, everything checked.
 *
 * @throws KubernetesStatusError 422 with all faults.
 */
export function admit(
  definition: ResourceDefinition,
  sent: KubernetesObject,
  previous?: KubernetesObject,
): KubernetesObject {
  const { value } = prune(sent as unknown as JsonObject, definition.schema);
  const complete = applyDefaults(value, definition.schema);
  const prepared = definition.prepare?.(complete) ?? complete;
  const object = prepared as unknown as KubernetesObject;
  const errors = [
    ...validateShape(definition, prepared),
    ...validateMetadata(object.metadata, definition),
    ...(definition.check?.(
      prepared,
      previous as unknown as JsonObject | undefined,
    ) ?? []),
  ];
  if (errors.length > 0) {
    throw invalid(definition, object.metadata.name ?? '', errors);
  }
  return object;
}

/**
 * As {@link validate}, but fields at the top are named without a leading dot.
 * Types in the metadata are checked where it is read.
 */
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
    ...Object.entries(object)
      .filter(([name]) => name !== 'metadata')
      .flatMap(([name, value]) =>
        validate(value, propertySchema(definition.schema, name), name),
      ),
  ];
}
