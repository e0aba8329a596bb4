/**
 * Clusters in memory for tests and for running a plugin alone, and the contract
 * that they keep with real ones. Not for production.
 *
 * @packageDocumentation
 */
export { createFakeClusters } from './createFakeClusters';
export { FakeWasmModuleClient } from './FakeWasmModuleClient';
export { describeModuleClientContract } from './moduleClientContract';
export type { ContractCluster } from './moduleClientContract';
// Named by the signatures above: an entry point stands for itself.
export * from '../cluster/types';
export type {
  Companion,
  CompanionList,
  CompanionResource,
  CompanionWatchEvent,
} from '../cluster';
