export { applyMergePatch } from './applyMergePatch';
export type { BackOff } from './backOff';
export { checkModuleOwner } from './checkModuleOwner';
export type { ModuleCompanions } from './ClusterCompanions';
export type { CachedModule } from './ClusterModules';
export type {
  Companion,
  CompanionList,
  CompanionResource,
  CompanionWatchEvent,
} from './companions';
export type { ClusterPortal } from './ClusterPortal';
export { createClusters } from './createClusters';
export { createModuleCache } from './createModuleCache';
export type {
  CachedModuleQuery,
  CachedModules,
  ModuleCache,
} from './createModuleCache';
export { deployModule } from './deployModule';
export type { DeployedModule } from './deployModule';
export { followModules } from './followModules';
export type { FollowEvent } from './followModules';
export { matchLabelSelector } from './matchLabelSelector';
export { latestChange, leanModule } from './leanModule';
export type { ModuleChange } from './leanModule';
export type { LabelMatcher } from './matchLabelSelector';
export { readExisting } from './readExisting';
export { toClusterProblem } from './toClusterProblem';
export * from './types';
export { wasiClustersExtensionPoint } from './wasiClustersExtensionPoint';
export type { WasiClustersExtensionPoint } from './wasiClustersExtensionPoint';
