export { EntityWasmModulesContent } from './EntityWasmModulesContent';
