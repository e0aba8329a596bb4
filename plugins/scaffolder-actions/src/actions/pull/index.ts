export { createPullAction } from './createPullAction';
