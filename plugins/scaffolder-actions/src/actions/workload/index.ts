export { createWorkloadDeployAction } from './createWorkloadDeployAction';
