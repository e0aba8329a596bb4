import { readdir, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

const MAX_FILES = 1_000;

/**
 * Resolves a path that a user gave, inside a folder; the border of every action and build.
 *
 * Links count for what they lead to, also those that lead nowhere yet. Hard
 * links cannot be told from files, and what is changed between this look and the
 * use of the path is not seen.
 *
 * @returns The path as given, made absolute; nothing may be there.
 * @throws `WasiError` SOURCE_PATH_ESCAPES
 * @public
 */
export function resolveInWorkspace(workspace: string, path: string): string {
  try {
    return resolveSafeChildPath(workspace, path);
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    // NUL bytes, links in a circle and endless names lead nowhere at all.
    if (
      name === 'NotAllowedError' ||
      ['ERR_INVALID_ARG_VALUE', 'ELOOP', 'ENAMETOOLONG', 'ENOTDIR'].includes(
        code ?? '',
      )
    ) {
      throw new WasiError('SOURCE_PATH_ESCAPES', {
        message: `The path ${JSON.stringify(
          path.length > 200 ? `${path.slice(0, 200)}…` : path,
        )} leads out of the workspace.`,
        remedy: 'Use a path inside the workspace, without links out of it.',
      });
    }
    throw error;
  }
}

/**
 * The real path of a file in the function's folder; undefined where there is none.
 *
 * @throws `WasiError` SOURCE_PATH_ESCAPES where path or link lead out of it.
 * @internal
 */
export async function workspacePath(
  directory: string,
  path: string,
): Promise<string | undefined> {
  const wanted = resolveInWorkspace(directory, path);
  try {
    return await realpath(wanted);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return undefined;
    }
    throw error;
  }
}

/**
 * Refuses a folder with a link in it that leads out of the function's folder.
 *
 * @internal
 */
export async function requireContained(
  directory: string,
  folder: string,
): Promise<void> {
  const entries = await readdir(folder, { recursive: true });
  if (entries.length > MAX_FILES) {
    throw new WasiError('SOURCE_PATH_ESCAPES', {
      message: `${relative(
        directory,
        folder,
      )} holds more than ${MAX_FILES} files.`,
      remedy: 'Keep there only what the build needs.',
    });
  }
  for (const entry of entries) {
    resolveInWorkspace(directory, join(folder, entry));
  }
}
