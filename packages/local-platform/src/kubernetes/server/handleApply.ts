import { typedFaults } from '../apply/typedFaults';
import { JsonSyntaxError } from '../decoding/JsonSyntaxError';
import { jsonName } from '../decoding/goTypes';
import { parseJson, type Parsed } from '../decoding/parseJson';
import { parseYaml, YamlSyntaxError } from '../decoding/parseYaml';
import type { KubernetesObject } from '../ObjectStore';
import type { Written } from '../objects/ResourceObjects';
import {
  apiVersionOf,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';
import { isObject, type Json, type JsonObject } from '../schema/Schema';
import { badRequest, plainError } from '../status/refusals';
import type { ApiRequest } from './ApiRequest';
import { asKind, unhandled } from './asKind';
import { requireName } from './handleWrites';
import { warnOfFields } from './warnOfFields';
import { writeOptions } from './writeOptions';

/** Server-side apply of what was sent, in JSON or YAML. */
export function applySent(apiRequest: ApiRequest, body: Buffer): Written {
  const { api, definition, path, query, response } = apiRequest;
  const options = writeOptions(apiRequest, 'PatchOptions', 'Apply');
  const { value, faults } = parse(body.toString('utf8'));
  const sent = withoutNulls(toObject(value), definition);
  requireSameKind(sent, definition);
  requireTyped(sent, definition);
  warnOfFields(response, sent, {
    definition,
    faults,
    fieldValidation: options.fieldValidation,
    refusal: why => unhandled(definition, why),
  });
  const object = asKind(sent, definition, path);
  if (object.metadata.managedFields?.length) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const configuration: KubernetesObject = {
    ...object,
    metadata: { ...object.metadata, name: object.metadata.name || path.name },
  };
  requireName(configuration, path.name);
  return api.objects.apply(definition, configuration, {
    ...options,
    force: isTrue(query.get('force')),
  });
}

/** As Go reads a flag of a query: whatever is not false is true. */
function isTrue(flag: string | null): boolean {
  return flag !== null && !/^(false|0)$/i.test(flag);
}

/** Configurations that programs send are JSON, which is YAML, too. */
function parse(text: string): Parsed {
  try {
    return /^\s*\{/.test(text) ? parseJson(text) : parseYaml(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      return parseAsYaml(text);
    }
    throw unreadable(error);
  }
}

function parseAsYaml(text: string): Parsed {
  try {
    return parseYaml(text);
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(error: unknown) {
  return error instanceof YamlSyntaxError
    ? badRequest(
        `error decoding YAML: error converting YAML to JSON: ${error.message}`,
      )
    : error;
}

function toObject(value: Json): JsonObject {
  if (value !== null && !isObject(value)) {
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonName(
        value,
      )} into Go value of type map[string]interface {}`,
    );
  }
  return value ?? {};
}

/** @throws KubernetesStatusError 400 */
function requireSameKind(
  sent: JsonObject,
  definition: ResourceDefinition,
): void {
  const apiVersion = String(sent.apiVersion ?? '');
  const kind = String(sent.kind ?? '');
  if (apiVersion !== apiVersionOf(definition) || kind !== definition.kind) {
    const groupVersion = apiVersion.includes('/')
      ? apiVersion
      : `/${apiVersion}`;
    throw badRequest(`invalid object type: ${groupVersion}, Kind=${kind}`);
  }
}

/** @throws KubernetesStatusError 500 */
function requireTyped(sent: JsonObject, definition: ResourceDefinition): void {
  const faults = typedFaults(sent, definition.schema);
  if (faults.length > 0) {
    const { name = '', namespace = '' } = isObject(sent.metadata)
      ? sent.metadata
      : {};
    throw plainError(
      `failed to create typed patch object (${namespace}/${name}; ${apiVersionOf(
        definition,
      )}, Kind=${definition.kind}): ${
        faults.length > 1
          ? `errors:${faults.map(fault => `\n  ${fault}`).join('')}`
          : faults[0]
      }`,
    );
  }
}

/** A null sets nothing in what has a type in Go: the built-in kinds, and metadata. */
function withoutNulls(
  sent: JsonObject,
  { custom }: ResourceDefinition,
): JsonObject {
  if (!custom) {
    return dropNulls(sent) as JsonObject;
  }
  return sent.metadata === undefined
    ? sent
    : { ...sent, metadata: dropNulls(sent.metadata) };
}

function dropNulls(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(dropNulls);
  }
  return isObject(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, child]) => child !== null)
          .map(([name, child]) => [name, dropNulls(child)]),
      )
    : value;
}
