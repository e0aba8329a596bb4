export { readWasiConfig } from './readWasiConfig';
export type { RegistryConfig, WasiConfig } from './types';
