export { createWaitAction } from './createWaitAction';
