/**
 * A Kubernetes API, an OCI registry, a git host and a WASI runner in one process.
 *
 * @packageDocumentation
 */
export * from './kubernetes';
