/**
 * A Kubernetes API, an OCI registry, a git host and a WASI runner in one process.
 *
 * @packageDocumentation
 */
export * from './git';
export * from './kubernetes';
export type { PlatformFile } from './platform/platformFiles';
export * from './registry';
export * from './runner';
export { startLocalPlatform } from './startLocalPlatform';
export type { LocalPlatform, LocalPlatformOptions } from './startLocalPlatform';
export { main } from './main';
