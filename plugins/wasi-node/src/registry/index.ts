export { createModuleRegistry } from './createModuleRegistry';
export type { ModuleRegistryOptions } from './createModuleRegistry';
export type { Pause } from './retry';
export type { RegistryTimeouts } from './transport';
export type {
  ArtifactLayer,
  ArtifactManifest,
  ModuleRegistry,
  PulledModule,
  PushedModule,
  PushModuleOptions,
} from './types';
