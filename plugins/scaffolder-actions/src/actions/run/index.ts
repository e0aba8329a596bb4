export { createRunAction } from './createRunAction';
