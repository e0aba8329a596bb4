export { createFakeClusters } from './createFakeClusters';
export { FakeWasmModuleClient } from './FakeWasmModuleClient';
export { describeModuleClientContract } from './moduleClientContract';
export type { ContractCluster } from './moduleClientContract';
