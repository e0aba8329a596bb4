export { estimateCompileMemory } from './compileMemory';
export { deriveHealth } from './deriveHealth';
export type { HealthContext } from './deriveHealth';
export { diffModules } from './diffModules';
export { looksSecret } from './looksSecret';
export { moduleImage } from './moduleImage';
export { parseQuantity } from './parseQuantity';
export { parseWasmModule } from './parseWasmModule';
export { ENV_REDEPLOYED_AT } from './redeploy';
export { toWasmModule } from './toWasmModule';
export type { ToWasmModuleOptions } from './toWasmModule';
export { wasmModuleSchema } from './wasmModuleSchema';
export {
  WASM_MODULE_API_VERSION,
  WASM_MODULE_GROUP,
  WASM_MODULE_KIND,
  WASM_MODULE_PLURAL,
  WASM_MODULE_VERSION,
} from './types';
export type {
  Condition,
  EnvVar,
  KeySelector,
  KnativeRevision,
  KnativeService,
  ManagedFieldsEntry,
  ModuleEvent,
  NetworkSpec,
  ObjectMeta,
  ResourceRequirements,
  Volume,
  VolumeMount,
  WasmModule,
  WasmModuleSpec,
  WasmModuleStatus,
} from './types';
export type { HealthState, ModuleHealth } from './health.types';
