export { createModuleEngine } from './createModuleEngine';
export type {
  GuestDirectory,
  GuestGrants,
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
