/**
 * Build, inspect, push, run, deploy and watch WebAssembly functions from Node.
 *
 * @packageDocumentation
 */
export * from './cluster';
export * from './build';
export * from './command';
export * from './config';
export * from './inspect';
export * from './krm';
export * from './preflight';
export * from './process';
export * from './wait';
export * from './workload';
export * from './registry';
export * from './run';
export * from './supplyChain';
export * from './toolchains';
