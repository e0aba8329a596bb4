import {
  answers,
  ENTITY_PATH,
  entityParameters,
  json,
  ref,
  request,
  type OpenApiObject,
} from './openApiParts';
import { suspendSchema } from './requests';

const SYNC = `${ENTITY_PATH}/sync`;
const parameters = entityParameters;
const responses = answers(200, 'How they stand.', ref('SyncView'));
const description = 'Needs the permission `wasi.module.update`.';

/** The routes of deploys from the catalog. @internal */
export const syncPaths: Record<string, OpenApiObject> = {
  [SYNC]: {
    parameters,
    get: {
      operationId: 'getSync',
      summary: 'How the deploys of an entity from the catalog stand.',
      description: 'Needs the permission `wasi.module.read`.',
      responses,
    },
  },
  [`${SYNC}/suspend`]: {
    parameters,
    post: {
      operationId: 'suspendSync',
      summary: 'Leaves what runs as it is until it is resumed.',
      description,
      requestBody: { required: false, ...json(request(suspendSchema)) },
      responses,
    },
  },
  [`${SYNC}/resume`]: {
    parameters,
    post: {
      operationId: 'resumeSync',
      summary: 'Goes on with deploys that were suspended.',
      description,
      responses,
    },
  },
  [`${SYNC}/run`]: {
    parameters,
    post: {
      operationId: 'runSync',
      summary: 'Has func.yaml looked at now; does not wait for it.',
      description,
      responses,
    },
  },
};
