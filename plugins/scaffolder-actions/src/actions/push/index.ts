export { createPushAction } from './createPushAction';
