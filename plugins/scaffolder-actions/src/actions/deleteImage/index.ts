export { createDeleteImageAction } from './createDeleteImageAction';
