export { describeConflict } from './describeConflict';
export { preflight } from './preflight';
export type { NamespaceQuota, PreflightFacts } from './preflight';
