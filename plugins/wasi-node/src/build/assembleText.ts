import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { componentize } from './componentize';
import { findSource } from './findSource';
import type { BuildRun } from './types';
import { runWasmTools } from './wasmTools';

const MAX_TEXT_BYTES = 10 * 1024 * 1024;

/**
 * Assembles WebAssembly text, of a component or of a core module that a
 * component can be made of.
 *
 * @returns Path of the component.
 * @internal
 */
export async function assembleText(run: BuildRun): Promise<string> {
  const source = await findSource(run);
  const name = relative(run.directory, source);
  const { size } = await stat(source);
  if (size > MAX_TEXT_BYTES) {
    throw new WasiError('MODULE_TOO_LARGE', {
      message: `${name} has ${size} bytes; at most ${MAX_TEXT_BYTES} of text are assembled.`,
      remedy: 'Assemble it elsewhere and deploy the module as prebuilt-wasi.',
    });
  }
  run.log(`Assemble WebAssembly text: ${name}`);
  const output = join(run.scratch, 'assembled.wasm');
  const result = await runWasmTools(run, {
    command: 'parse',
    input: source,
    output,
  });
  if (!result.ok) {
    const { line, column } = result;
    const place = line === undefined ? name : `${name}:${line}:${column}`;
    const message = `${place} ${result.message}`;
    run.log(message);
    throw new WasiError('BUILD_FAILED', {
      message: `The source does not assemble: ${message}.`,
      remedy: 'Correct the source at this place.',
      findings: [
        {
          code: 'BUILD_FAILED',
          severity: 'error',
          message,
          remedy: 'Correct the source at this place.',
          path: name,
          line,
          column,
        },
      ],
    });
  }
  return componentize(run, output);
}
