import type { KubernetesObject } from '../ObjectStore';
import type { ResourceDefinition } from '../resources/ResourceDefinition';
import { badRequest, invalid, plainError } from '../status/refusals';
import type { ApiRequest } from './ApiRequest';
import { asKind, unhandled } from './asKind';
import { readObject } from './readObject';
import { Representer } from './represent';
import { sendWritten } from './sendWritten';
import { uniqueOwners } from './uniqueOwners';
import { warnOfFields } from './warnOfFields';
import { writeOptions, type FieldValidation } from './writeOptions';

/** `POST` to a collection. */
export async function handleCreate(apiRequest: ApiRequest): Promise<void> {
  const { api, definition } = apiRequest;
  const representer = Representer.for(apiRequest, 'object');
  const options = writeOptions(apiRequest, 'CreateOptions');
  const object = await readSent(apiRequest, options.fieldValidation);
  if (object.metadata.resourceVersion) {
    throw plainError(
      'resourceVersion should not be set on objects to be created',
    );
  }
  const created = api.objects.create(
    definition,
    withoutStatus(object, definition),
    options,
  );
  sendWritten(apiRequest, created, representer);
}

/** `PUT` of an object or of its status. */
export async function handleUpdate(apiRequest: ApiRequest): Promise<void> {
  const { api, definition, path } = apiRequest;
  const representer = Representer.for(apiRequest, 'object');
  if (!path.name) {
    throw badRequest('name must be provided');
  }
  const options = writeOptions(apiRequest, 'UpdateOptions');
  const object = await readSent(apiRequest, options.fieldValidation);
  requireName(object, path.name);
  // Of what exists only: an absent object is told as such.
  api.objects.get(definition, path.namespace, path.name);
  const { resourceVersion } = object.metadata;
  if (definition.custom && !resourceVersion) {
    throw invalid({ ...definition, kind: definition.plural }, path.name, [
      {
        reason: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: 'Invalid value: 0: must be specified for an update',
      },
    ]);
  }
  const updated = api.objects.update(definition, object, options);
  sendWritten(apiRequest, updated, representer);
}

/** @throws KubernetesStatusError 400 for an object of another name than the path's. */
export function requireName(object: KubernetesObject, name: string): void {
  if (!object.metadata.name) {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (object.metadata.name !== name) {
    throw badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`,
    );
  }
}

async function readSent(
  { request, response, definition, path }: ApiRequest,
  fieldValidation: FieldValidation,
) {
  const { object: sent, faults } = await readObject(request, definition);
  const object = asKind(sent, definition, path);
  warnOfFields(response, sent, {
    definition,
    faults,
    fieldValidation,
    refusal: why => unhandled(definition, why),
  });
  return uniqueOwners(response, object);
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
