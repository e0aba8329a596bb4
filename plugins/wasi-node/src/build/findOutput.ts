import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { BuildRun } from './types';
import { resolveInWorkspace } from './workspacePath';

/**
 * The module that a build's commands left.
 *
 * @param pattern - Path in the build's own folder, relative to the source; its last part may have a star.
 * @param name - Tells which is meant where several fit: the file's name without its ending, with underscores.
 * @throws `WasiError` BUILD_NO_MODULE: exit code 0 is a claim, the file is the proof.
 * @internal
 */
export async function findOutput(
  run: BuildRun,
  pattern: string,
  name: string,
): Promise<string> {
  const { directory, scratch, runtime } = run;
  const folder = await realFolder(dirname(resolve(directory, pattern)));
  if (!folder) {
    throw noModule();
  }
  // A link of the build may lead anywhere.
  resolveInWorkspace(scratch, relative(scratch, folder));
  const found = await listFiles(folder, basename(pattern));
  const [chosen, ...others] =
    found.length > 1
      ? found.filter(
          file => file.replace(/\.wasm$/, '').replaceAll('-', '_') === name,
        )
      : found;
  if (found.length > 1 && (!chosen || others.length > 0)) {
    throw new WasiError('BUILD_NO_MODULE', {
      message: `The ${
        runtime.label
      } build left more than one module: ${found.join(', ')}.`,
      remedy:
        'Give the one that is meant the name that the function has in func.yaml, or let the folder build one alone.',
    });
  }
  if (!chosen) {
    throw noModule();
  }
  return join(folder, chosen);

  function noModule(): WasiError {
    return new WasiError('BUILD_NO_MODULE', {
      message: `The ${runtime.label} build ended without an error, and left no module.`,
    });
  }
}

async function realFolder(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    return (await stat(real)).isDirectory() ? real : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return undefined;
    }
    throw error;
  }
}

async function listFiles(folder: string, pattern: string): Promise<string[]> {
  const [before, after] = pattern.split('*');
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter(
      entry =>
        entry.isFile() &&
        (after === undefined
          ? entry.name === before
          : entry.name.startsWith(before) && entry.name.endsWith(after)),
    )
    .map(entry => entry.name)
    .sort();
}
