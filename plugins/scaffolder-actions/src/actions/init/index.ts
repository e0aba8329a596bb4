export { createInitAction } from './createInitAction';
