/**
 * What browser and backend both know about WebAssembly functions.
 *
 * @packageDocumentation
 */
export * from './annotations';
export * from './api';
export * from './diagnosis';
export * from './inspection';
export * from './permissions';
export * from './wasmModule';
