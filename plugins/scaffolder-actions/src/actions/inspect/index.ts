export { createInspectAction } from './createInspectAction';
