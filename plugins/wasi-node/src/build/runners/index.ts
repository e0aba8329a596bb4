export { createBuildToolchains } from './createBuildToolchains';
export { createBuildRunner, type OperatorLog } from './createBuildRunner';
export type {
  BuildPlace,
  BuildPlaceOptions,
  BuildRunner,
  PlaceCommand,
} from './types';
