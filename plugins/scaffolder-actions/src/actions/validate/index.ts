export { createValidateAction } from './createValidateAction';
