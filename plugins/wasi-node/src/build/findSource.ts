import { readdir, stat } from 'node:fs/promises';
import { dirname, basename, join } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { BuildRun } from './types';
import { workspacePath } from './workspacePath';

/**
 * The source file: what func.yaml names, else the first that fits the runtime.
 *
 * @returns Its real path.
 * @internal
 */
export async function findSource(run: BuildRun): Promise<string> {
  const { funcConfig, runtime } = run;
  const named = funcConfig.build.source;
  if (named !== undefined) {
    const found = await findFile(run, named);
    if (!found) {
      throw new WasiError('SOURCE_MISSING', {
        message: `build.source of func.yaml names ${JSON.stringify(
          named,
        )}; there is no such file.`,
      });
    }
    return found;
  }
  for (const pattern of runtime.sources) {
    const found = await findFile(run, pattern);
    if (found) {
      return found;
    }
  }
  throw new WasiError('SOURCE_MISSING', {
    message: `No source of a ${
      runtime.name
    } function was found; looked for ${runtime.sources.join(', ')}.`,
    remedy:
      'Add one of these files, or name another as build.source in func.yaml.',
  });
}

async function findFile(
  { directory, funcConfig }: BuildRun,
  pattern: string,
): Promise<string | undefined> {
  // What func.yaml names is a path, and may hold a star.
  const literal = pattern === funcConfig.build.source || !pattern.includes('*');
  for (const path of literal ? [pattern] : await expand(directory, pattern)) {
    const found = await workspacePath(directory, path);
    if (found && (await stat(found)).isFile()) {
      return found;
    }
  }
  return undefined;
}

async function expand(directory: string, pattern: string): Promise<string[]> {
  const folder = await workspacePath(directory, dirname(pattern));
  if (!folder) {
    return [];
  }
  const [before, after = ''] = basename(pattern).split('*');
  return (await readdir(folder))
    .filter(
      name =>
        name.length >= before.length + after.length &&
        name.startsWith(before) &&
        name.endsWith(after),
    )
    .sort()
    .map(name => join(dirname(pattern), name));
}
