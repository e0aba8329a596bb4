export { createAttestAction } from './createAttestAction';
