import { propertySchema, type Json, type JsonObject } from '../schema/Schema';
import { isObject } from '../schema/Schema';
import { prune } from '../schema/prune';
import type { KubernetesObject } from '../ObjectStore';
import type { Written } from '../objects/ResourceObjects';
import { jsonPatch } from '../patch/jsonPatch';
import { mergePatch } from '../patch/mergePatch';
import { strategicMergePatch } from '../patch/strategicMergePatch';
import { apiVersionOf } from '../resources/ResourceDefinition';
import {
  badRequest,
  modifiedConflict,
  unsupportedMediaType,
} from '../status/refusals';
import { KubernetesStatusError } from '../status/KubernetesStatusError';
import type { ApiRequest } from './ApiRequest';
import { asKind } from './handleWrites';
import { contentType, parseBody, readBody } from './readBody';
import { Representer } from './represent';
import { sendJson } from './sendJson';
import { writeOptions } from './writeOptions';

const APPLY = 'application/apply-patch+yaml';
const JSON_PATCH = 'application/json-patch+json';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';

/** `PATCH` of an object or of its status. */
export async function handlePatch(apiRequest: ApiRequest): Promise<void> {
  const { request, response, definition } = apiRequest;
  const representer = Representer.for(apiRequest, 'object');
  const type = contentType(request);
  const accepted = [
    JSON_PATCH,
    MERGE,
    ...(definition.custom ? [] : [STRATEGIC]),
    APPLY,
  ];
  if (!accepted.includes(type)) {
    throw unsupportedMediaType(accepted);
  }
  const body = parseBody(await readBody(request), type);
  const { object, warnings, created } =
    type === APPLY ? apply(apiRequest, body) : patch(apiRequest, body, type);
  sendJson(response, created ? 201 : 200, representer.object(object), {
    warnings,
  });
}

function apply(apiRequest: ApiRequest, body: Json): Written {
  const { api, definition, path, query } = apiRequest;
  if (!isObject(body)) {
    throw badRequest('the configuration to apply is not an object');
  }
  if (!body.apiVersion || !body.kind) {
    throw badRequest('the configuration to apply names no apiVersion and kind');
  }
  const sent = asKind(withoutNulls(body) as JsonObject, definition, path);
  if (sent.metadata.name && sent.metadata.name !== path.name) {
    throw badRequest(
      `the name of the object (${sent.metadata.name}) does not match the name on the URL (${path.name})`,
    );
  }
  if (sent.metadata.managedFields?.length) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const configuration: KubernetesObject = {
    ...sent,
    metadata: { ...sent.metadata, name: path.name },
  };
  const { unknown } = prune(
    configuration as unknown as JsonObject,
    definition.schema,
  );
  if (unknown.length > 0) {
    throw new KubernetesStatusError({
      code: 500,
      message: `failed to create typed patch object (${namespaceOf(body)}/${
        path.name
      }; ${apiVersionOf(definition)}, Kind=${definition.kind}): ${unknown
        .map(field => `.${field}: field not declared in schema`)
        .join(', ')}`,
    });
  }
  return api.objects.apply(definition, configuration, {
    ...writeOptions(apiRequest, 'PatchOptions', 'Apply'),
    force: query.get('force') === 'true',
  });
}

function patch(apiRequest: ApiRequest, body: Json, type: string): Written {
  const { api, definition, path } = apiRequest;
  const options = writeOptions(apiRequest, 'PatchOptions');
  const current = api.objects.get(definition, path.namespace, path.name);
  const target = {
    ...structuredClone(current),
    apiVersion: apiVersionOf(definition),
  } as unknown as JsonObject;
  const patched = perform(type, target, body, definition.schema);
  if (!isObject(patched)) {
    throw badRequest('the patch leaves no object');
  }
  const object = asKind(patched, definition, path);
  if (object.metadata.name !== path.name) {
    throw badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${path.name})`,
    );
  }
  // Nothing runs between reading and writing, so a version that differs was sent.
  const { resourceVersion } = object.metadata;
  if (resourceVersion && resourceVersion !== current.metadata.resourceVersion) {
    throw modifiedConflict(
      { group: definition.group, resource: definition.plural },
      path.name,
    );
  }
  return api.objects.update(definition, object, options);
}

function perform(
  type: string,
  target: JsonObject,
  body: Json,
  schema: Parameters<typeof propertySchema>[0],
): Json {
  switch (type) {
    case JSON_PATCH:
      return jsonPatch(target, body);
    case MERGE:
      return mergePatch(target, body);
    default:
      return strategicMergePatch(target, body, schema);
  }
}

/** As it was sent, which need not name it. */
function namespaceOf({ metadata }: JsonObject): string {
  return isObject(metadata) ? String(metadata.namespace ?? '') : '';
}

/** A null in a configuration sets nothing. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(withoutNulls);
  }
  return isObject(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, child]) => child !== null)
          .map(([name, child]) => [name, withoutNulls(child)]),
      )
    : value;
}
