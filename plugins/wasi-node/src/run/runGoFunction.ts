import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { assetPath } from './assetPath';
import { runGuestProcess } from './runGuestProcess';
import type { GuestLimits } from './types';

const MAX_ARRAY_BYTES = 128 * 1024 * 1024;

const answerSchema = z.object({
  output: z.string().optional(),
  errors: z.string().optional(),
});

/**
 * Calls the function `processResourceList` of a Go program that was compiled
 * with GOOS=js, in a process of its own that has no files, network or environment.
 *
 * @param options - `stdin` of the limits is the function's argument.
 * @returns `output`: what it returned, if it was text. `errors`: what its function
 * `processResourceListErrors` returned then. `log`: what it printed.
 * @throws `WasiError` MODULE_RUN_FAILED, MODULE_RUN_TIMEOUT or MODULE_RUN_ABORTED
 * @internal
 */
export async function runGoFunction(
  options: { modulePath: string } & GuestLimits,
): Promise<{ output?: string; errors: string; log: string }> {
  const { modulePath: given, ...limits } = options;
  // Permissions are for what a path leads to.
  const modulePath = await realpath(given);
  const program = await realpath(assetPath('goFunction.mjs'));
  const { exitCode, stdout, stderr } = await runGuestProcess({
    program,
    granted: { module: modulePath, maxArrayBytes: MAX_ARRAY_BYTES },
    flags: [
      '--max-old-space-size=256',
      // The guest gets at nothing of this by its imports; these hold should it find a way.
      '--disallow-code-generation-from-strings',
      permissionFlag(),
      `--allow-fs-read=${modulePath}`,
      `--allow-fs-read=${dirname(program)}/*`,
      '--allow-worker',
    ],
    limits,
  });
  if (exitCode !== 0) {
    throw new WasiError('MODULE_RUN_FAILED', {
      message: `The function ended with an error: ${
        lastWords(stderr) || `exit code ${exitCode}`
      }.`,
    });
  }
  const { output, errors = '' } = answerSchema.parse(JSON.parse(stdout));
  return { output, errors, log: stderr };
}

/** It lost its prefix when Node declared it stable. */
function permissionFlag(): string {
  return process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
}

/** What our program says comes last, behind the guest's own words. */
function lastWords(text: string): string {
  const lines = text.trim().split('\n');
  const panic = lines.find(line => /^(panic|fatal error):/.test(line));
  return [...(panic ? [panic] : []), lines.at(-1)!]
    .join('; ')
    .slice(0, 800)
    .replace(/\.$/, '');
}
