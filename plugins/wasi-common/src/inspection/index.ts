export { formatBytes } from './formatBytes';
export type {
  ModuleCapability,
  ModuleInspection,
  ModuleSection,
} from './types';
