export { createDeployAction } from './createDeployAction';
