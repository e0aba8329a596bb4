export { createUndeployAction } from './createUndeployAction';
