export { readWasiConfig } from './readWasiConfig';
export type {
  KubernetesBuildConfig,
  RegistryConfig,
  WasiConfig,
} from './types';
