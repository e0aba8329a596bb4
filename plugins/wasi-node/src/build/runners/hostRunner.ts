import { runCommand } from '../../process';
import type { WasiConfig } from '../../config';
import { buildLimits } from './buildLimits';
import type { BuildRunner } from './types';

/**
 * Runs tools as processes like any other of this machine: with an environment
 * of their own and limits, but with the rights of the backend.
 *
 * @internal
 */
export function createHostRunner(
  config: Pick<WasiConfig, 'build'>,
): BuildRunner {
  const limits = buildLimits(config);
  return {
    async ready() {},
    async open({ scratch }) {
      return {
        run: ({ tool, args, env, ...command }) =>
          runCommand({
            ...command,
            command: tool.command,
            args: [...tool.args, ...args],
            env: { ...env, ...config.build.env },
            maxProcesses: limits.processes,
            maxMemoryBytes: limits.memoryBytes,
            disk: { folder: scratch, maxBytes: limits.diskBytes },
          }),
        bring: async folder => folder,
        async close() {},
      };
    },
  };
}
