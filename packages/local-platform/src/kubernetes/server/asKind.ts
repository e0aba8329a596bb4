import { misfit } from '../decoding/goTypes';
import { objectMetaType } from '../decoding/objectMetaType';
import type { KubernetesObject } from '../ObjectStore';
import {
  apiVersionOf,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';
import { isObject, type Json, type JsonObject } from '../schema/Schema';
import { badRequest, invalid } from '../status/refusals';

/**
 * Takes what was sent as an object of this kind, in this namespace.
 *
 * @throws KubernetesStatusError 400, 422
 */
export function asKind(
  sent: JsonObject,
  definition: ResourceDefinition,
  path: { namespace: string },
): KubernetesObject {
  const apiVersion = apiVersionOf(definition);
  // What the path says need not be said again, of the built-in kinds.
  const kind = sent.kind ?? definition.kind;
  const version = sent.apiVersion ?? (definition.custom ? '' : apiVersion);
  if (version !== apiVersion) {
    throw badRequest(
      `the API version in the data (${String(
        version,
      )}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (kind !== definition.kind) {
    throw wrongKind({ ...sent, kind }, definition);
  }
  const metadata = readMetadata(sent.metadata, definition, why =>
    unhandled(definition, why),
  );
  return inNamespace(sent, metadata, definition, path);
}

/** As {@link asKind}, of what a patch left; whatever is wrong is the patch's fault. */
export function asPatchedKind(
  patched: JsonObject,
  definition: ResourceDefinition,
  path: { namespace: string },
): KubernetesObject {
  const apiVersion = apiVersionOf(definition);
  const metadata = readMetadata(patched.metadata, definition, why =>
    patchRefusal(patched, why),
  );
  if (patched.apiVersion !== apiVersion) {
    throw wrongField(patched, 'apiVersion', apiVersion);
  }
  if (patched.kind !== definition.kind) {
    throw wrongKind(patched, definition);
  }
  return inNamespace(patched, metadata, definition, path);
}

/** The object was read, but is none of its kind. */
export function unhandled({ kind, version }: ResourceDefinition, why: string) {
  return badRequest(
    `${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`,
  );
}

/** What a patch makes of an object is none of its kind. */
export function patchRefusal(patched: JsonObject, why: string) {
  const text = JSON.stringify(sortedByName(patched)).replace(
    /[<>&]/g,
    character => `\\u00${character.charCodeAt(0).toString(16)}`,
  );
  return invalid({ group: '', kind: '' }, '', [
    {
      reason: 'FieldValueInvalid',
      field: 'patch',
      message: `Invalid value: ${JSON.stringify(text)}: ${why}`,
    },
  ]);
}

function inNamespace(
  sent: JsonObject,
  metadata: JsonObject,
  definition: ResourceDefinition,
  path: { namespace: string },
): KubernetesObject {
  if (
    definition.namespaced &&
    metadata.namespace &&
    metadata.namespace !== path.namespace
  ) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  return {
    ...sent,
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    metadata: {
      ...metadata,
      ...(definition.namespaced && { namespace: path.namespace }),
    },
  } as unknown as KubernetesObject;
}

function wrongKind(sent: JsonObject, definition: ResourceDefinition) {
  return wrongField(sent, 'kind', definition.kind);
}

function wrongField(
  sent: JsonObject,
  field: 'apiVersion' | 'kind',
  wanted: string,
) {
  const [group] = String(sent.apiVersion ?? '').split(/(?:^|\/)[^/]*$/);
  const metadata = isObject(sent.metadata) ? sent.metadata : {};
  return invalid(
    { group, kind: String(sent.kind) },
    String(metadata.name ?? ''),
    [
      {
        reason: 'FieldValueInvalid',
        field,
        message: `Invalid value: ${JSON.stringify(
          sent[field],
        )}: must be ${wanted}`,
      },
    ],
  );
}

/** Metadata as Go reads it: null is as if it were not there. */
function readMetadata(
  sent: Json | undefined,
  { custom, kind }: ResourceDefinition,
  refusal: (why: string) => Error,
): JsonObject {
  const why = misfit(
    sent ?? null,
    objectMetaType,
    // That of a custom resource is read by itself.
    custom ? undefined : { struct: kind, path: 'metadata' },
  );
  if (why) {
    throw refusal(why);
  }
  const metadata = isObject(sent) ? sent : {};
  return Object.fromEntries(
    Object.entries(metadata)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [
        name,
        ['labels', 'annotations'].includes(name) && isObject(value)
          ? withTexts(value)
          : value,
      ]),
  );
}

function withTexts(map: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => [key, value ?? '']),
  );
}

function sortedByName(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(sortedByName);
  }
  return isObject(value)
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([name, child]) => [name, sortedByName(child)]),
      )
    : value;
}
