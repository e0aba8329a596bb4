import type { ResourceDefinition } from '../resources/ResourceDefinition';
import type { JsonObject } from '../schema/Schema';
import { badRequest } from '../status/refusals';
import { read } from '../tables/columns';

/** Tells whether an object's fields fit. */
export type FieldSelector = (object: JsonObject) => boolean;

const EVERY_KIND = ['metadata.name', 'metadata.namespace'];
const BY_KIND: Record<string, string[]> = {
  Event: [
    'involvedObject.apiVersion',
    'involvedObject.fieldPath',
    'involvedObject.kind',
    'involvedObject.name',
    'involvedObject.namespace',
    'involvedObject.resourceVersion',
    'involvedObject.uid',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  Namespace: ['status.phase'],
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
  ],
  Secret: ['type'],
};

/**
 * Reads a field selector; which fields can be selected depends on the kind.
 *
 * @throws KubernetesStatusError 400
 */
export function parseFieldSelector(
  text: string,
  definition: ResourceDefinition,
): FieldSelector {
  const known = [
    ...EVERY_KIND,
    ...(definition.group === '' ? BY_KIND[definition.kind] ?? [] : []),
  ];
  const requirements = splitAtCommas(text)
    .filter(part => part !== '')
    .map(part => {
      const match = /^([^=!]*)(!=|==|=)(.*)$/s.exec(part);
      if (!match) {
        throw badRequest(
          `invalid selector: '${text}'; can't understand '${part}'`,
        );
      }
      const [, field, operator, escaped] = match;
      const value = unescaped(escaped);
      if (!known.includes(field)) {
        throw badRequest(`field label not supported: ${field}`);
      }
      const wanted = operator !== '!=';
      return (object: JsonObject) =>
        (valueAt(object, field) === value) === wanted;
    });
  return object => requirements.every(fits => fits(object));
}

/** A comma after a backslash belongs to a value. */
function splitAtCommas(text: string): string[] {
  return text.match(/(?:\\.|[^,\\]|\\$)+/gs) ?? [];
}

/** @throws KubernetesStatusError 400 */
function unescaped(value: string): string {
  return value.replace(/\\(.?)|[,=]/gs, (found, escaped?: string) => {
    if (escaped === undefined) {
      throw badRequest(
        `invalid field selector: unescaped character in value: ${found.charCodeAt(
          0,
        )}`,
      );
    }
    if (!['\\', ',', '='].includes(escaped)) {
      throw badRequest(
        `invalid field selector: invalid escape sequence: ${found}`,
      );
    }
    return escaped;
  });
}

function valueAt(object: JsonObject, field: string): string {
  const value =
    field === 'source'
      ? read(object, 'source', 'component')
      : read(object, ...field.split('.'));
  return typeof value === 'string' ? value : '';
}
