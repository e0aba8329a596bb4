import { z } from 'zod';
import {
  resourceName,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';
import { badRequest } from '../status/refusals';
import type { KubernetesObject } from '../ObjectStore';
import type { ApiRequest } from './ApiRequest';
import { listObjects } from './listObjects';
import { contentType, parseBody, readBody } from './readBody';
import { Representer } from './represent';
import { sendJson } from './sendJson';
import { isDryRun } from './writeOptions';

const optionsSchema = z.object({
  preconditions: z
    .object({ uid: z.string(), resourceVersion: z.string() })
    .partial()
    .nullish(),
  propagationPolicy: z.enum(['Orphan', 'Background', 'Foreground']).nullish(),
  dryRun: z.array(z.literal('All')).nullish(),
});
type DeleteOptions = z.output<typeof optionsSchema>;

/** `DELETE` of one object. Nothing depends on an object here, so every propagation is the same. */
export async function handleDelete(apiRequest: ApiRequest): Promise<void> {
  const { api, definition, path, query, response } = apiRequest;
  const options = await readOptions(apiRequest);
  const { object, pending } = api.objects.delete(
    definition,
    path.namespace,
    path.name,
    {
      preconditions: options.preconditions ?? {},
      dryRun: isDryRun(query) || Boolean(options.dryRun?.length),
    },
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
  const { api, definition, query, response } = apiRequest;
  const options = await readOptions(apiRequest);
  const representer = Representer.for(apiRequest, 'list');
  const { objects, metadata } = listObjects(apiRequest);
  const dryRun = isDryRun(query) || Boolean(options.dryRun?.length);
  for (const { metadata: its } of objects) {
    api.objects.delete(definition, its.namespace ?? '', its.name, { dryRun });
  }
  sendJson(response, 200, representer.list(objects, metadata));
}

async function readOptions({ request }: ApiRequest): Promise<DeleteOptions> {
  const body = await readBody(request);
  if (body.length === 0) {
    return {};
  }
  const parsed = optionsSchema.safeParse(parseBody(body, contentType(request)));
  if (!parsed.success) {
    throw badRequest(
      `the delete options are not valid: ${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data;
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
