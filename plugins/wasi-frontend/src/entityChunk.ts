/*
 * Loaded as one when any of it is needed first: tab, card and client are made
 * of the same parts, which chunks of their own would each bring again.
 */
export { WasiClient } from './apis/WasiClient';
export { EntityWasmModuleCard } from './components/EntityWasmModuleCard';
export { EntityWasmModulesContent } from './components/EntityWasmModulesContent';
