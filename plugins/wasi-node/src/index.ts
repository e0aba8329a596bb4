/**
 * Build, inspect, push, run, deploy and watch WebAssembly functions from Node.
 *
 * @packageDocumentation
 */
export * from './config';
export * from './inspect';
export * from './process';
