export { EntityWasmModuleCard } from './EntityWasmModuleCard';
