/**
 * What browser and backend both know about WebAssembly functions.
 *
 * @packageDocumentation
 */
export * from './annotations';
export * from './api';
export * from './artifactFormats';
export * from './diagnosis';
export * from './funcYaml';
export * from './imageReference';
export * from './inspection';
export * from './network';
export * from './permissions';
export * from './preflight';
export * from './runtimes';
export * from './wasmModule';
