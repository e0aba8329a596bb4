export type { BuildPhase } from './BuildProgress';
export { createModuleBuilder } from './createModuleBuilder';
export type { FetchFile } from './fetchFile';
export type { BuildOptions, BuiltModule, ModuleBuilder } from './types';
export { readSourceFiles } from './readSourceFiles';
export { resolveInWorkspace } from './workspacePath';
export {
  createBuildRunner,
  createBuildToolchains,
  type BuildPlace,
  type BuildPlaceOptions,
  type BuildRunner,
  type OperatorLog,
  type PlaceCommand,
} from './runners';
