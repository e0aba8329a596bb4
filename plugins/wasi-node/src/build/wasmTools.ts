import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { assetPath } from './assetPath';
import { requireJco } from './requireJco';
import { runTool } from './runTool';
import type { BuildRun } from './types';

/**
 * What jco's wasm-tools are asked to do; paths are absolute.
 *
 * @internal
 */
export type WasmToolsRequest =
  | { command: 'parse'; input: string; output: string }
  | {
      command: 'componentize';
      input: string;
      output: string;
      /** The module holds a world, which may be all that it needs. */
      carriesWorld: boolean;
      /** WIT folder with the world to attach otherwise. */
      wit?: string;
      world?: string;
      /** Translate WASI preview 1 for a module that imports it. */
      adapter?: boolean;
    };

const resultSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({
    ok: z.literal(false),
    message: z.string(),
    line: z.number().optional(),
    column: z.number().optional(),
  }),
]);

/**
 * What wasm-tools answered; a refusal is an answer.
 *
 * @internal
 */
export type WasmToolsResult = z.infer<typeof resultSchema>;

/**
 * Runs one function of jco's wasm-tools in a process of its own, where time
 * and memory that a hostile module takes are not ours.
 *
 * @internal
 */
export async function runWasmTools(
  run: BuildRun,
  request: WasmToolsRequest,
): Promise<WasmToolsResult> {
  const jco = await requireJco(run);
  const requestPath = join(run.scratch, 'request.json');
  const resultPath = join(run.scratch, 'result.json');
  await writeFile(requestPath, JSON.stringify(request));
  await runTool(run, {
    tool: {
      name: 'wasm-tools',
      path: process.execPath,
      command: process.execPath,
      args: [assetPath('wasmTools.mjs')],
    },
    args: [jco.directory, requestPath, resultPath],
    label: `wasm-tools ${request.command}`,
  });
  const result = resultSchema.safeParse(
    JSON.parse(await readFile(resultPath, 'utf8')),
  );
  if (!result.success) {
    throw new WasiError('BUILD_FAILED', {
      message: `wasm-tools ${request.command} gave no answer.`,
      cause: result.error,
    });
  }
  return result.data;
}
