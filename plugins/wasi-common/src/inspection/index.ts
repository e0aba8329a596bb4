export type {
  ModuleCapability,
  ModuleInspection,
  ModuleSection,
} from './types';
