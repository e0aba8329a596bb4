import { readdir } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';

/**
 * The files that are compiled with a source: those of its ending beside it and in `src`.
 *
 * @returns Paths from the function's folder, so that where that lies is not compiled in.
 * @internal
 */
export async function listSources(
  directory: string,
  source: string,
): Promise<string[]> {
  const beside = dirname(source);
  const found: string[] = [];
  for (const folder of new Set([beside, join(beside, 'src')])) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
          return [];
        }
        throw error;
      },
    );
    for (const entry of entries) {
      if (entry.isFile() && extname(entry.name) === extname(source)) {
        found.push(relative(directory, join(folder, entry.name)));
      }
    }
  }
  return found.sort();
}
