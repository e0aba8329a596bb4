export { ModuleDialogs } from './ModuleDialogs';
export type { ModuleAction } from './ModuleDialogs';
