import { FieldSet } from '../apply/FieldSet';
import { fieldsOf } from '../apply/fieldsOf';
import { ownable } from '../apply/managedFields';
import { parseJson } from '../decoding/parseJson';
import type { KubernetesObject } from '../ObjectStore';
import { isObject, type JsonObject, type Schema } from '../schema/Schema';

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

/** The manager that `kubectl apply --server-side` takes, and nobody else should. */
const KUBECTL = 'kubectl';

/**
 * The fields that `kubectl apply` set from the client's side, which its
 * server-side apply takes over without a conflict.
 *
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
 */
export function takenOver(
  live: KubernetesObject,
  manager: string,
  schema: Schema,
): FieldSet {
  const text = live.metadata.annotations?.[ANNOTATION];
  if (manager !== KUBECTL || text === undefined) {
    return FieldSet.empty;
  }
  return fieldsOf(ownable(read(text)), schema);
}

/** Keeps what `kubectl` applied beside the object, where it has been kept before. */
export function withLastApplied(
  object: KubernetesObject,
  configuration: KubernetesObject,
  manager: string,
): KubernetesObject {
  const { annotations } = object.metadata;
  if (manager !== KUBECTL || annotations?.[ANNOTATION] === undefined) {
    return object;
  }
  const { annotations: own = {}, ...metadata } = configuration.metadata;
  const { [ANNOTATION]: _before, ...others } = own;
  const applied = {
    ...configuration,
    metadata: {
      ...metadata,
      ...(Object.keys(others).length > 0 && { annotations: others }),
    },
  };
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: {
        ...annotations,
        [ANNOTATION]: `${JSON.stringify(applied)}\n`,
      },
    },
  };
}

function read(text: string): KubernetesObject {
  try {
    const { value } = parseJson(text);
    return { metadata: {}, ...(isObject(value) ? value : {}) } as JsonObject &
      KubernetesObject;
  } catch {
    // Anybody may write an annotation: one that cannot be read takes over nothing.
    return { metadata: {} } as KubernetesObject;
  }
}
