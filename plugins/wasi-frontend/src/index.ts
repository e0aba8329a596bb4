/**
 * Entity tab, entity card and template form fields for WebAssembly functions.
 *
 * @packageDocumentation
 */
export { WasiClient, wasiApiRef } from './apis';
export type {
  ClusterTokens,
  LogListener,
  ModuleEdit,
  WasiApi,
  WasiRequestOptions,
  WasiWriteOptions,
} from './apis';
export { isWasmModuleAvailable } from './isWasmModuleAvailable';
export {
  EntityWasmModuleCard,
  EntityWasmModulesContent,
  WasiNetworkPermissionsFieldExtension,
  wasiPlugin,
  WasiRegistryPickerFieldExtension,
  WasiRuntimePickerFieldExtension,
} from './legacy';
export { default } from './plugin';
export { wasiTranslationRef } from './translation';
