import { misfit } from '../decoding/goTypes';
import { deleteOptionsType } from '../decoding/objectMetaType';
import {
  resourceName,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';
import type { JsonObject } from '../schema/Schema';
import { invalid, plainError, type FieldError } from '../status/refusals';
import type { KubernetesObject } from '../ObjectStore';
import type { Preconditions } from '../objects/preconditions';
import type { ApiRequest } from './ApiRequest';
import { listObjects, wholeNumber } from './listObjects';
import { contentType, readBody } from './readBody';
import { parseObject, requireObjectType, UnreadableObject } from './readObject';
import { Representer } from './represent';
import { sendJson } from './sendJson';
import { checkDryRun, isDryRun } from './writeOptions';

/** What was sent, of the type that Kubernetes gives it. */
interface SentOptions {
  preconditions?: Preconditions | null;
  orphanDependents?: boolean | null;
  propagationPolicy?: string | null;
  dryRun?: string[] | null;
}

const POLICIES = ['Foreground', 'Background', 'Orphan'];

interface DeleteOptions {
  preconditions: Preconditions;
  dryRun: boolean;
}

/** `DELETE` of one object. Nothing depends on an object here, so every propagation is the same. */
export async function handleDelete(apiRequest: ApiRequest): Promise<void> {
  const { api, definition, path, response } = apiRequest;
  const options = await readOptions(apiRequest);
  const { object, pending } = api.objects.delete(
    definition,
    path.namespace,
    path.name,
    options,
  );
  sendJson(
    response,
    200,
    pending
      ? Representer.for(apiRequest, 'object').object(object)
      : success(definition, object),
  );
}

/** `DELETE` of the selected objects of a collection; answers what they were. */
export async function handleDeleteCollection(
  apiRequest: ApiRequest,
): Promise<void> {
  const { api, definition, response } = apiRequest;
  const { dryRun } = await readOptions(apiRequest);
  const representer = Representer.for(apiRequest, 'list');
  const { objects, metadata } = listObjects(apiRequest);
  for (const { metadata: its } of objects) {
    api.objects.delete(definition, its.namespace ?? '', its.name, { dryRun });
  }
  sendJson(response, 200, representer.list(objects, metadata));
}

/** @throws KubernetesStatusError 415, 422, 500 */
async function readOptions({
  request,
  query,
}: ApiRequest): Promise<DeleteOptions> {
  const body = await readBody(request);
  const { preconditions, dryRun, orphanDependents, propagationPolicy } =
    body.length > 0 ? parseOptions(request, body) : optionsIn(query);
  const errors = [
    ...checkPropagation(propagationPolicy, orphanDependents),
    ...checkDryRun(dryRun ?? []),
  ];
  if (errors.length > 0) {
    throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  }
  return {
    preconditions: preconditions ?? {},
    dryRun: isDryRun(dryRun ?? []),
  };
}

/** Without a body, the options stand in the query. */
function optionsIn(query: URLSearchParams): SentOptions {
  wholeNumber(query, 'gracePeriodSeconds');
  return {
    dryRun: query.getAll('dryRun'),
    propagationPolicy: query.get('propagationPolicy'),
  };
}

function checkPropagation(
  policy: string | null | undefined,
  orphanDependents: boolean | null | undefined,
): FieldError[] {
  const field = 'propagationPolicy';
  if (policy && typeof orphanDependents === 'boolean') {
    return [
      {
        reason: 'FieldValueInvalid',
        field,
        message: `Invalid value: ${JSON.stringify(
          policy,
        )}: orphanDependents and deletionPropagation cannot be both set`,
      },
    ];
  }
  return policy && !POLICIES.includes(policy)
    ? [
        {
          reason: 'FieldValueNotSupported',
          field,
          message: `Unsupported value: ${JSON.stringify(
            policy,
          )}: supported values: "Foreground", "Background", "Orphan", "nil"`,
        },
      ]
    : [];
}

/** @throws KubernetesStatusError 415, and 500, as kube-apiserver has it */
function parseOptions(
  request: ApiRequest['request'],
  body: Buffer,
): SentOptions {
  requireObjectType(contentType(request));
  const sent = parseOptionsObject(request, body);
  const { kind = 'DeleteOptions', apiVersion = 'v1' } = sent;
  if (kind !== 'DeleteOptions') {
    throw plainError(
      `no kind "${String(kind)}" is registered for version "${String(
        apiVersion,
      )}" in scheme "pkg/runtime/scheme.go:110"`,
    );
  }
  const why = misfit(sent, deleteOptionsType);
  if (why) {
    throw plainError(why);
  }
  return sent as SentOptions;
}

function parseOptionsObject(
  request: ApiRequest['request'],
  body: Buffer,
): JsonObject {
  try {
    return parseObject(body, contentType(request)).object;
  } catch (error) {
    throw error instanceof UnreadableObject ? plainError(error.message) : error;
  }
}

function success(definition: ResourceDefinition, object: KubernetesObject) {
  const { group, resource } = resourceName(definition);
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: object.metadata.name,
      ...(group && { group }),
      kind: resource,
      uid: object.metadata.uid,
    },
  };
}
