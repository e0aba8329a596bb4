export { LazyWasiClient } from './LazyWasiClient';
export { WasiClient } from './WasiClient';
export { wasiApiRef } from './wasiApiRef';
export type { LogListener, WasiApi, WasiRequestOptions } from './WasiApi';
