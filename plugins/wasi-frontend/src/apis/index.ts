export { LazyWasiClient } from './LazyWasiClient';
export { PortalTokens } from './PortalTokens';
export { WasiClient } from './WasiClient';
export { wasiApiRef } from './wasiApiRef';
export type { ClusterTokens } from './ClusterTokens';
export type {
  LogListener,
  ModuleEdit,
  WasiApi,
  WasiRequestOptions,
  WasiWriteOptions,
} from './WasiApi';
