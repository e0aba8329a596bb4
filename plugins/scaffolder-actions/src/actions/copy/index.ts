export { createCopyAction } from './createCopyAction';
