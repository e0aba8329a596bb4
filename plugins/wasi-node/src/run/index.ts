export { createModuleEngine } from './createModuleEngine';
export type {
  GuestDirectory,
  GuestGrants,
  GuestLimits,
  ModuleCommand,
  ModuleCommandResult,
  ModuleEngine,
  ModuleRequest,
  ModuleResponse,
  PreparedModule,
  ProcessFailure,
  ServedModule,
  ServeOptions,
} from './types';
