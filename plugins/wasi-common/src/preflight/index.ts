export { preflight } from './preflight';
export type { PreflightFacts } from './preflight';
