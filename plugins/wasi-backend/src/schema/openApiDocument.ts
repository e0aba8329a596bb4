import { invokeRequestSchema } from '@wasi-functions/backstage-plugin-wasi-common';
import { historyPaths } from './historyPaths';
import { syncPaths } from './syncPaths';
import {
  answers,
  changeAnswers,
  ENTITY_PATH,
  entityParameters,
  errorAnswer,
  json,
  MODULE_PATH,
  moduleParameters,
  ref,
  request,
  writeParameters,
  type OpenApiObject,
} from './openApiParts';
import { createModuleSchema, modulePatchSchema } from './requests';
import { responseSchemas } from './responseSchemas';

const ENTITY = `${ENTITY_PATH}/modules`;
const MODULE = MODULE_PATH;

/** What `GET /openapi.json` answers. @internal */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'wasi',
    version: '1',
    description: 'The WasmModules of catalog entities.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }],
  paths: {
    '/openapi.json': {
      get: {
        operationId: 'getOpenApi',
        summary: 'This description.',
        responses: answers(200, 'This description.', { type: 'object' }),
      },
    },
    '/v1/info': {
      get: {
        operationId: 'getInfo',
        summary: 'Runtimes, clusters and registries of this backend.',
        responses: answers(200, 'What there is.', ref('BackendInfo')),
      },
    },
    [ENTITY]: {
      parameters: entityParameters,
      get: {
        operationId: 'listModules',
        summary: 'The modules of an entity.',
        description:
          "Needs the permission `wasi.module.read`. Clusters that take only users' tokens are read with those of the header `wasi-cluster-tokens`.",
        parameters: [
          {
            name: 'cluster',
            in: 'query',
            required: false,
            description: 'Of this cluster alone.',
            schema: { type: 'string', minLength: 1, maxLength: 253 },
          },
        ],
        responses: answers(
          200,
          'The modules; what a cluster could not tell travels beside them.',
          ref('ModuleListAnswer'),
        ),
      },
      post: {
        operationId: 'createModule',
        summary: 'Creates a module for an entity.',
        description:
          'Needs the permission `wasi.module.create`. The entity is written on the module here, never taken from the body.',
        parameters: writeParameters,
        requestBody: { required: true, ...json(request(createModuleSchema)) },
        responses: changeAnswers({ status: 201 }),
      },
    },
    [MODULE]: {
      parameters: moduleParameters,
      get: {
        operationId: 'getModule',
        summary: 'One module of an entity.',
        description: 'Needs the permission `wasi.module.read`.',
        responses: answers(200, 'The module.', ref('ModuleView')),
      },
      put: {
        operationId: 'replaceModule',
        summary: 'Replaces a module.',
        description:
          'Needs the permission `wasi.module.update`. The body is the module as it was read, with `metadata.resourceVersion`; a masked env value keeps the one in the cluster.',
        parameters: writeParameters,
        requestBody: { required: true, ...json(ref('WasmModule')) },
        responses: changeAnswers(),
      },
      patch: {
        operationId: 'patchModule',
        summary: 'Changes a module by a JSON merge patch.',
        description:
          'Needs the permission `wasi.module.update`. Only `spec` and the labels and annotations can be changed.',
        parameters: writeParameters,
        requestBody: {
          required: true,
          content: {
            'application/merge-patch+json': {
              schema: request(modulePatchSchema),
            },
            'application/json': { schema: request(modulePatchSchema) },
          },
        },
        responses: changeAnswers(),
      },
      delete: {
        operationId: 'deleteModule',
        summary: 'Deletes a module.',
        description:
          'Needs the permission `wasi.module.delete`. The plan names who else owns fields of it.',
        parameters: writeParameters,
        responses: {
          ...answers(
            200,
            'The plan, where `dryRun` is set.',
            ref('PlanAnswer'),
          ),
          204: { description: 'It is being deleted.' },
        },
      },
    },
    [`${MODULE}/artifact`]: {
      parameters: moduleParameters,
      get: {
        operationId: 'getArtifact',
        summary: 'What the image of a module holds.',
        description:
          'Needs the permission `wasi.module.read`. A registry that fails is told as `problem`.',
        responses: answers(200, 'The artifact.', ref('ArtifactView')),
      },
    },
    [`${MODULE}/logs`]: {
      parameters: moduleParameters,
      get: {
        operationId: 'getLogs',
        summary: 'The last log lines of a module.',
        description: 'Needs the permission `wasi.module.logs`.',
        parameters: [
          {
            name: 'tailLines',
            in: 'query',
            required: false,
            description: 'How many lines.',
            schema: {
              type: 'integer',
              minimum: 1,
              maximum: 5000,
              default: 100,
            },
          },
          {
            name: 'follow',
            in: 'query',
            required: false,
            description:
              'Whether to go on with lines as they are written, one JSON object each, for some minutes. An empty line says that it is still there.',
            schema: { type: 'boolean', default: false },
          },
        ],
        responses: {
          200: {
            description: 'The lines, oldest first.',
            content: {
              'application/json': { schema: ref('LogsAnswer') },
              'application/x-ndjson': { schema: ref('LogLine') },
            },
          },
          default: errorAnswer(),
        },
      },
    },
    [`${MODULE}/invoke`]: {
      parameters: moduleParameters,
      post: {
        operationId: 'invokeModule',
        summary: 'Sends a request to a module that is ready.',
        description:
          'Needs the permission `wasi.module.invoke`. Redirects are not followed; bodies are limited to 1 MiB each way. A `cloudEvent` is sent in binary mode, with the body as its data.',
        requestBody: { required: false, ...json(request(invokeRequestSchema)) },
        responses: answers(
          200,
          'What the module answered, whatever its status.',
          ref('InvokeAnswer'),
        ),
      },
    },
    ...historyPaths,
    ...syncPaths,
  } as Record<string, OpenApiObject>,
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    schemas: responseSchemas,
  },
};
