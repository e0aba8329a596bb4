import { readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import {
  catalogue,
  WasiError,
  type Finding,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { assetPath } from './assetPath';
import { requireJco } from './requireJco';
import { runTool } from './runTool';
import type { BuildRun } from './types';

const resultSchema = z.object({
  problems: z.array(
    z.object({
      kind: z.enum(['syntax', 'missing', 'escape']),
      file: z.string(),
      message: z.string(),
      line: z.number(),
      column: z.number(),
    }),
  ),
});

const CODES = {
  syntax: 'BUILD_FAILED',
  missing: 'SOURCE_MISSING',
  escape: 'SOURCE_PATH_ESCAPES',
} as const;

/**
 * Parses a JavaScript or TypeScript source and what it imports, because jco
 * does not tell where a mistake is, and would bundle files of this machine.
 * Other sources are left to their compilers.
 *
 * @throws `WasiError` with a finding for each mistake.
 * @internal
 */
export async function checkSource(
  run: BuildRun,
  source: string,
): Promise<void> {
  if (!/^\.[cm]?[jt]sx?$/.test(extname(source))) {
    return;
  }
  const jco = await requireJco(run);
  const resultPath = join(run.scratch, 'source.json');
  await runTool(run, {
    tool: {
      name: 'typescript',
      path: process.execPath,
      command: process.execPath,
      args: [assetPath('checkSource.mjs')],
    },
    args: [jco.directory, run.directory, source, resultPath],
    label: `Reading ${relative(run.directory, source)}`,
  });
  const { problems } = resultSchema.parse(
    JSON.parse(await readFile(resultPath, 'utf8')),
  );
  if (problems.length === 0) {
    return;
  }
  const findings = problems.map(
    ({ kind, file, message, line, column }): Finding => ({
      code: CODES[kind],
      severity: 'error',
      message: `${file}:${line}:${column} ${message}`,
      remedy:
        kind === 'syntax'
          ? 'Correct the source at this place.'
          : catalogue[CODES[kind]].remedy,
      path: file,
      line,
      column,
    }),
  );
  findings.forEach(finding => run.log(finding.message));
  throw new WasiError(findings[0].code, {
    message: `The source does not compile: ${findings[0].message}${
      findings.length > 1 ? ` (and ${findings.length - 1} more)` : ''
    }.`,
    remedy: findings[0].remedy,
    findings,
  });
}
