import { lstat, readFile } from 'node:fs/promises';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { parse } from 'yaml';
import { z } from 'zod';
import { resolveInWorkspace, unlessPresent } from '../../workspace';

const MAX_BYTES = 64 * 1024;

const kptfileSchema = z.object({
  kind: z.literal('Kptfile'),
  pipeline: z.unknown().optional(),
});

/**
 * The pipeline that the Kptfile of a folder names.
 *
 * @throws `WasiError` INPUT_INVALID where there is none
 * @internal
 */
export async function readKptfile(directory: string): Promise<unknown> {
  const file = resolveInWorkspace(directory, 'Kptfile');
  const stats = await lstat(file).catch(unlessPresent);
  if (!stats?.isFile()) {
    throw noPipeline('there is no Kptfile either');
  }
  if (stats.size > MAX_BYTES) {
    throw noPipeline(`its Kptfile has more than ${MAX_BYTES} bytes`);
  }
  let value: unknown;
  try {
    value = parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw noPipeline(
      `its Kptfile is no YAML: ${(error as Error).message.split('\n')[0]}`,
    );
  }
  const { data } = kptfileSchema.safeParse(value);
  if (!data?.pipeline) {
    throw noPipeline('its Kptfile has no pipeline');
  }
  return data.pipeline;
}

function noPipeline(why: string): WasiError {
  return new WasiError('INPUT_INVALID', {
    message: `The input \`pipeline\` is missing, and ${why}.`,
    remedy: 'Name the functions to run as `pipeline`, or in a Kptfile.',
  });
}
