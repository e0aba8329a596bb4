import { readdir, realpath } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

const MAX_FILES = 1_000;

/**
 * The real path of a file in the function's folder; undefined where there is none.
 *
 * @param directory - Real path of the folder.
 * @throws `WasiError` SOURCE_PATH_ESCAPES where path or link lead out of it.
 * @internal
 */
export async function workspacePath(
  directory: string,
  path: string,
): Promise<string | undefined> {
  const wanted = resolve(directory, path);
  if (path.includes('\0') || !isInside(directory, wanted)) {
    throw escapes(path);
  }
  let real: string;
  try {
    real = await realpath(wanted);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return undefined;
    }
    throw error;
  }
  if (!isInside(directory, real)) {
    throw escapes(path);
  }
  return real;
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
    await workspacePath(directory, join(folder, entry));
  }
}

function isInside(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory + sep);
}

function escapes(path: string): WasiError {
  return new WasiError('SOURCE_PATH_ESCAPES', {
    message: `The path ${JSON.stringify(path)} leaves the function's folder.`,
    remedy: "Use a path inside the function's folder, without links out of it.",
  });
}
