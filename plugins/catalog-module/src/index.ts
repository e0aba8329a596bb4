/**
 * Brings the WasmModules of clusters into the catalog as Components.
 *
 * @packageDocumentation
 */
export { catalogModuleWasi as default } from './module';
