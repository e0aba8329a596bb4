export { WasiClient } from './WasiClient';
export { wasiApiRef } from './wasiApiRef';
export type {
  LogLine,
  LogListener,
  WasiApi,
  WasiRequestOptions,
} from './WasiApi';
