export { ModuleDetails } from './ModuleDetails';
export type { ModuleDetailsProps } from './ModuleDetails';
