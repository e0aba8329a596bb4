export { whyBuildEnvRefused } from './checkBuildEnvs';
export {
  compatibility,
  containerRuntimes,
  runtimeFamily,
} from './compatibility';
export type { RuntimeFamily } from './compatibility';
export { parseEnvValue } from './parseEnvValue';
export type { EnvValue } from './parseEnvValue';
export { overlayFuncYaml } from './overlayFuncYaml';
export { parseFuncYaml } from './parseFuncYaml';
export { updateFuncYaml } from './updateFuncYaml';
export type {
  FuncBuild,
  FuncBuilder,
  FuncConfig,
  FuncDeploy,
  FuncDeployer,
  FuncEnv,
  FuncLabel,
  FuncResources,
  FuncRun,
  FuncScale,
  FuncVolume,
  FuncYamlEdit,
  FuncYamlResult,
} from './types';
