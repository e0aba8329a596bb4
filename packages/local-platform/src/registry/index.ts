export { startRegistry } from './startRegistry';
export type { RegistryOptions, RunningRegistry } from './startRegistry';
export type { RegistryCredentials } from './login';
