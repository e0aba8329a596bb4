/**
 * Scaffolder actions for WebAssembly functions.
 *
 * @packageDocumentation
 */
export { scaffolderModuleWasi as default } from './module';
