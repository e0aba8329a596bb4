import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  catalogue,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { assetPath } from './assetPath';
import { requireJco } from './requireJco';
import type { BuildRun } from './types';

const refusalSchema = z.object({ specifier: z.string(), importer: z.string() });

/**
 * Keeps jco's bundler in the function's folder. `checkSource` finds the usual
 * mistakes and their places; this holds for every way there is to a file.
 *
 * @returns What to add to the command, and a look at what it refused.
 * @internal
 */
export async function bundleGuard(run: BuildRun): Promise<{
  args: string[];
  env: Record<string, string>;
  refusal: () => Promise<WasiError | undefined>;
}> {
  const jco = await requireJco(run);
  const refusalPath = join(run.scratch, 'refusal.json');
  return {
    args: ['--bundle-config', assetPath('bundleGuard.mjs')],
    env: {
      WASI_BUILD_GUARD: JSON.stringify({
        workspace: run.directory,
        // Its stand-ins for Node's own modules lie beside it.
        tools: [resolve(jco.directory, '../..')],
        refusal: refusalPath,
      }),
    },
    async refusal() {
      let text: string;
      try {
        text = await readFile(refusalPath, 'utf8');
      } catch {
        // It refused nothing.
        return undefined;
      }
      const { specifier, importer } = refusalSchema.parse(JSON.parse(text));
      const message = `${
        importer || 'A package'
      } imports '${specifier}', which leaves the workspace.`;
      const { remedy } = catalogue.SOURCE_PATH_ESCAPES;
      return new WasiError('SOURCE_PATH_ESCAPES', {
        message,
        remedy,
        findings: [
          {
            code: 'SOURCE_PATH_ESCAPES',
            severity: 'error',
            message,
            remedy,
            ...(importer && { path: importer }),
          },
        ],
      });
    },
  };
}
