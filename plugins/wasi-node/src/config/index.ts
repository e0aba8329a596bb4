export { readWasiConfig } from './readWasiConfig';
export type {
  IdentityConfig,
  IdentityMode,
  KubernetesBuildConfig,
  RegistryConfig,
  WasiConfig,
} from './types';
