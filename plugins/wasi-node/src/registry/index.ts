export { createModuleRegistry } from './createModuleRegistry';
export type { ModuleRegistryOptions } from './createModuleRegistry';
export * from './referrers';
export type { Pause } from './retry';
export type { RegistryTimeouts } from './transport';
export type {
  ArtifactEntry,
  ArtifactLayer,
  ArtifactLayout,
  ArtifactManifest,
  ArtifactPlace,
  ArtifactTarget,
  CopiedArtifact,
  CopyArtifactOptions,
  ModuleRegistry,
  PulledModule,
  PullModuleOptions,
  PublicImage,
  PushedModule,
  PushModuleOptions,
} from './types';
