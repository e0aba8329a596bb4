import { deploymentReportSchema } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  answers,
  changeAnswers,
  ENTITY_PATH,
  entityParameters,
  json,
  MODULE_PATH,
  moduleParameters,
  pathParameter,
  queryParameters,
  ref,
  request,
  writeParameters,
  type OpenApiObject,
} from './openApiParts';
import {
  deploymentDiffQuerySchema,
  deploymentListQuerySchema,
} from './historyRequests';
import { redeploySchema } from './requests';

const DEPLOYMENTS = `${ENTITY_PATH}/deployments`;
const deploymentParameters = [
  ...entityParameters,
  pathParameter('id', 'Id of the deployment.'),
];

/** The routes of the history. @internal */
export const historyPaths: Record<string, OpenApiObject> = {
  [DEPLOYMENTS]: {
    parameters: entityParameters,
    get: {
      operationId: 'listDeployments',
      summary: 'What was deployed for an entity, newest first.',
      description: 'Needs the permission `wasi.module.read`.',
      parameters: queryParameters(deploymentListQuerySchema),
      responses: answers(
        200,
        'The deployments, and where the next page begins.',
        ref('DeploymentListAnswer'),
      ),
    },
    post: {
      operationId: 'reportDeployment',
      summary:
        "Takes what the scaffolder's actions tell of their deploys and deletions.",
      description:
        'For the scaffolder on behalf of a user alone. Needs the permission `wasi.module.update`, or `wasi.module.delete` for a deletion, where the entity is in the catalog.',
      requestBody: { required: true, ...json(request(deploymentReportSchema)) },
      responses: {
        ...answers(200, 'It is written.', ref('DeploymentReportAnswer')),
        ...answers(201, 'It is begun.', ref('DeploymentReportAnswer')),
      },
    },
  },
  [`${DEPLOYMENTS}/{id}`]: {
    parameters: deploymentParameters,
    get: {
      operationId: 'getDeployment',
      summary: 'One deployment, and what it changed.',
      description: 'Needs the permission `wasi.module.read`.',
      responses: answers(200, 'The deployment.', ref('DeploymentView')),
    },
  },
  [`${DEPLOYMENTS}/{id}/diff`]: {
    parameters: deploymentParameters,
    get: {
      operationId: 'diffDeployment',
      summary:
        'What differs between a deployment and another one, or what runs.',
      description: 'Needs the permission `wasi.module.read`.',
      parameters: queryParameters(deploymentDiffQuerySchema),
      responses: answers(200, 'The changes.', ref('DeploymentDiffAnswer')),
    },
  },
  [`${DEPLOYMENTS}/{id}/rollback`]: {
    parameters: deploymentParameters,
    post: {
      operationId: 'rollbackDeployment',
      summary:
        'Brings a module back to exactly what a deployment had deployed.',
      description:
        'Needs the permission `wasi.module.update`, also for a module that was deleted since.',
      parameters: writeParameters,
      responses: changeAnswers(),
    },
  },
  [`${MODULE_PATH}/redeploy`]: {
    parameters: moduleParameters,
    post: {
      operationId: 'redeployModule',
      summary: 'Makes a new revision of what runs.',
      description: 'Needs the permission `wasi.module.update`.',
      parameters: writeParameters,
      requestBody: { required: false, ...json(request(redeploySchema)) },
      responses: changeAnswers(),
    },
  },
};
