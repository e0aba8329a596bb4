import {
  answers,
  ENTITY_PATH,
  entityParameters,
  pathParameter,
  queryParameters,
  ref,
  type OpenApiObject,
} from './openApiParts';
import {
  deploymentDiffQuerySchema,
  deploymentListQuerySchema,
} from './historyRequests';

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
};
