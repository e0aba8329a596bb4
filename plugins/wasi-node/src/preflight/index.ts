export { createModulePreflight } from './createModulePreflight';
export { createPublicImages } from './createPublicImages';
export type { ModulePreflight, PreflightSubject, PublicImages } from './types';
