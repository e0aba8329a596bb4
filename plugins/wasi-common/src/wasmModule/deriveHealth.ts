import type { ModuleHealth } from './health.types';
import type { ModuleEvent, WasmModule } from './types';
/** Health of a module. @public */
export function deriveHealth(
  module: WasmModule,
  context: { events?: ModuleEvent[]; logTail?: string[] } = {},
): ModuleHealth {
  return {
    state: 'unknown',
    message: `${module.metadata.name}${context.events?.length ?? ''}`,
  };
}
