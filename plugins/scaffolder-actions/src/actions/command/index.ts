export { createCommandBuildAction } from './createCommandBuildAction';
