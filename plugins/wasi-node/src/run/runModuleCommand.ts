import { assetPath } from './assetPath';
import { networkRules } from './networkRules';
import { runGuestProcess } from './runGuestProcess';
import type { ModuleCommand, ModuleCommandResult } from './types';

/**
 * Runs a command in a process of its own and returns what it printed.
 *
 * @param target - The transpiled component with jco's folder, or the core module's path.
 * @throws `WasiError` MODULE_RUN_TIMEOUT, MODULE_RUN_FAILED or MODULE_RUN_ABORTED where it was stopped.
 * @internal
 */
export async function runModuleCommand(
  command: ModuleCommand,
  target: { component: string; jco: string } | { module: string },
): Promise<ModuleCommandResult> {
  return await runGuestProcess({
    program: assetPath('command.mjs'),
    granted: {
      ...target,
      args: command.args,
      env: command.env,
      directories: command.directories,
      network: networkRules(command.network),
      limitOutgoingHttp: command.limitOutgoingHttp ?? false,
    },
    limits: command,
  });
}
