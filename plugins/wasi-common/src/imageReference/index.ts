export { formatImageReference } from './formatImageReference';
export { parseImageReference } from './parseImageReference';
export type { ImageReference } from './types';
