export { createFakeClusters } from './createFakeClusters';
export { FakeWasmModuleClient } from './FakeWasmModuleClient';
