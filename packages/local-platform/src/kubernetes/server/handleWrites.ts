import type { KubernetesObject } from '../ObjectStore';
import {
  apiVersionOf,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';
import { isObject, type JsonObject } from '../schema/Schema';
import { badRequest, invalid } from '../status/refusals';
import { KubernetesStatusError } from '../status/KubernetesStatusError';
import type { ApiRequest } from './ApiRequest';
import { readObject } from './readBody';
import { Representer } from './represent';
import { sendJson } from './sendJson';
import { writeOptions } from './writeOptions';

/** `POST` to a collection. */
export async function handleCreate(apiRequest: ApiRequest): Promise<void> {
  const { api, request, response, definition, path } = apiRequest;
  const representer = Representer.for(apiRequest, 'object');
  const options = writeOptions(apiRequest, 'CreateOptions');
  const object = asKind(await readObject(request), definition, path);
  if (object.metadata.resourceVersion) {
    throw new KubernetesStatusError({
      code: 500,
      message: 'resourceVersion should not be set on objects to be created',
    });
  }
  const { object: created, warnings } = api.objects.create(
    definition,
    withoutStatus(object, definition),
    options,
  );
  sendJson(response, 201, representer.object(created), { warnings });
}

/** `PUT` of an object or of its status. */
export async function handleUpdate(apiRequest: ApiRequest): Promise<void> {
  const { api, request, response, definition, path } = apiRequest;
  const representer = Representer.for(apiRequest, 'object');
  const options = writeOptions(apiRequest, 'UpdateOptions');
  const object = asKind(await readObject(request), definition, path);
  if (!path.name) {
    throw badRequest('name must be provided');
  }
  if (object.metadata.name !== path.name) {
    throw badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${path.name})`,
    );
  }
  // Of what exists only: an absent object is told as such.
  api.objects.get(definition, path.namespace, path.name);
  if (definition.custom && !object.metadata.resourceVersion) {
    throw invalid({ ...definition, kind: definition.plural }, path.name, [
      {
        reason: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: 'Invalid value: 0: must be specified for an update',
      },
    ]);
  }
  const { object: updated, warnings } = api.objects.update(
    definition,
    object,
    options,
  );
  sendJson(response, 200, representer.object(updated), { warnings });
}

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
  const kind = sent.kind ?? definition.kind;
  const version = sent.apiVersion ?? apiVersion;
  if (version !== apiVersion) {
    throw badRequest(
      `the API version in the data (${String(
        version,
      )}) does not match the expected API version (${apiVersion})`,
    );
  }
  const metadata = isObject(sent.metadata) ? sent.metadata : {};
  if (kind !== definition.kind) {
    const sentAs = { group: definition.group, kind: String(kind) };
    throw invalid(sentAs, String(metadata.name ?? ''), [
      {
        reason: 'FieldValueInvalid',
        field: 'kind',
        message: `Invalid value: ${JSON.stringify(kind)}: must be ${
          definition.kind
        }`,
      },
    ]);
  }
  for (const name of [
    'name',
    'namespace',
    'generateName',
    'resourceVersion',
    'uid',
  ]) {
    if (
      metadata[name] !== undefined &&
      metadata[name] !== null &&
      typeof metadata[name] !== 'string'
    ) {
      throw badRequest(`metadata.${name} is not a string`);
    }
  }
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
    apiVersion,
    kind: definition.kind,
    metadata: {
      ...metadata,
      ...(definition.namespaced && { namespace: path.namespace }),
    },
  } as unknown as KubernetesObject;
}

function withoutStatus(
  object: KubernetesObject,
  definition: ResourceDefinition,
): KubernetesObject {
  const { status: _status, ...rest } = object as KubernetesObject & {
    status?: unknown;
  };
  return definition.subresources.includes('status') ? rest : object;
}
