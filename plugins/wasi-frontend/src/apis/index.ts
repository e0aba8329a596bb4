export { WasiClient } from './WasiClient';
export { wasiApiRef } from './wasiApiRef';
export type { WasiApi, WasiRequestOptions } from './WasiApi';
