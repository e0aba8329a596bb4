import { JsonSyntaxError } from '../decoding/JsonSyntaxError';
import { misfit, type GoType } from '../decoding/goTypes';
import { parseJson, type Parsed } from '../decoding/parseJson';
import { requireFixed, requireVersion } from '../objects/preconditions';
import type { Written } from '../objects/ResourceObjects';
import { jsonPatch, jsonPatchFaults, jsonPatchType } from '../patch/jsonPatch';
import { mergePatch } from '../patch/mergePatch';
import { strategicMergePatch } from '../patch/strategicMergePatch';
import { apiVersionOf } from '../resources/ResourceDefinition';
import type { Json, JsonObject, Schema } from '../schema/Schema';
import { isObject } from '../schema/Schema';
import {
  badRequest,
  modifiedConflict,
  unsupportedMediaType,
} from '../status/refusals';
import type { ApiRequest } from './ApiRequest';
import { asPatchedKind, patchRefusal } from './asKind';
import { applySent } from './handleApply';
import { requireName } from './handleWrites';
import { contentType, readBody } from './readBody';
import { Representer } from './represent';
import { sendWritten } from './sendWritten';
import { uniqueOwners } from './uniqueOwners';
import { warnOfFields } from './warnOfFields';
import { writeOptions } from './writeOptions';

const APPLY = 'application/apply-patch+yaml';
const JSON_PATCH = 'application/json-patch+json';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';

const anyObject: GoType = {
  name: 'map[string]interface {}',
  json: 'map',
  values: { name: 'interface {}', json: 'any' },
};

/** `PATCH` of an object or of its status. */
export async function handlePatch(apiRequest: ApiRequest): Promise<void> {
  const { request, definition, path } = apiRequest;
  if (!path.name) {
    throw badRequest('name must be provided');
  }
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
  const body = await readBody(request);
  const written =
    type === APPLY
      ? applySent(apiRequest, body)
      : patchSent(apiRequest, body, type);
  sendWritten(apiRequest, written, representer);
}

function patchSent(
  apiRequest: ApiRequest,
  body: Buffer,
  type: string,
): Written {
  const { api, definition, path, response } = apiRequest;
  const options = writeOptions(apiRequest, 'PatchOptions');
  const current = api.objects.get(definition, path.namespace, path.name);
  const target = {
    ...structuredClone(current),
    apiVersion: apiVersionOf(definition),
  } as unknown as JsonObject;
  const { value, faults } = parsePatch(body.toString('utf8'), type);
  const patched = perform(type, target, value, definition.schema);
  const object = uniqueOwners(
    response,
    asPatchedKind(patched, definition, path),
  );
  warnOfFields(response, patched, {
    definition,
    faults,
    fieldValidation: options.fieldValidation,
    refusal: why => patchRefusal(patched, why),
  });
  requireName(object, path.name);
  const { resourceVersion } = object.metadata;
  requireVersion(resourceVersion);
  // Nothing runs between reading and writing, so a version that differs was sent.
  if (resourceVersion && resourceVersion !== current.metadata.resourceVersion) {
    throw modifiedConflict(
      { group: definition.group, resource: definition.plural },
      path.name,
    );
  }
  requireFixed(definition, current, object.metadata);
  return api.objects.update(definition, object, options);
}

/** @throws KubernetesStatusError 400 */
function parsePatch(text: string, type: string): Parsed {
  const refuse = (why: string) =>
    badRequest(type === STRATEGIC ? why : `error decoding patch: ${why}`);
  const parsed = parseOr(text, refuse);
  const why = misfit(
    parsed.value,
    type === JSON_PATCH ? jsonPatchType : anyObject,
  );
  if (why) {
    throw refuse(why);
  }
  if (type === MERGE && parsed.value === null) {
    throw badRequest('Invalid JSON Patch');
  }
  return type === JSON_PATCH
    ? { value: parsed.value ?? [], faults: jsonPatchFaults(parsed) }
    : { value: parsed.value ?? {}, faults: parsed.faults };
}

function parseOr(text: string, refuse: (why: string) => Error): Parsed {
  try {
    return parseJson(text);
  } catch (error) {
    throw error instanceof JsonSyntaxError ? refuse(error.message) : error;
  }
}

function perform(
  type: string,
  target: JsonObject,
  patch: Json,
  schema: Schema,
): JsonObject {
  const patched =
    type === JSON_PATCH
      ? jsonPatch(target, patch)
      : mergeBy(type)(target, patch, schema);
  if (!isObject(patched)) {
    throw badRequest('the patch leaves no object');
  }
  return patched;
}

function mergeBy(type: string) {
  return type === MERGE ? mergePatch : strategicMergePatch;
}
