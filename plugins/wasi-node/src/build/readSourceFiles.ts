import type { Dirent } from 'node:fs';
import { constants, open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceFile } from '@wasi-functions/backstage-plugin-wasi-common';

const MAX_ENTRIES = 2_000;
const MAX_TEXT_BYTES = 64 * 1024;
/** Whose text tells more than their name. */
const TELLING =
  /^(?:package\.json|pyproject\.toml|requirements\.txt|(?:GNUm|[Mm])akefile)$/;
/** Of others, or of tools. */
const FOREIGN =
  /^(?:\..*|node_modules|vendor|target|dist|build|bin|obj|venv|__pycache__|tests?|examples?)$/;

/**
 * The files of a function's folder and of the folders in it, for
 * `detectRuntime`: a few hundred names and the text of the few that tell something.
 *
 * Links are named and not followed.
 *
 * @public
 */
export async function readSourceFiles(
  directory: string,
): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  const folders: string[] = [];
  for (const entry of await list(directory)) {
    if (entry.isDirectory() && !FOREIGN.test(entry.name)) {
      folders.push(entry.name);
    } else if (entry.isFile() || entry.isSymbolicLink()) {
      const content =
        entry.isFile() && TELLING.test(entry.name)
          ? await readText(join(directory, entry.name))
          : undefined;
      files.push({
        path: entry.name,
        ...(content !== undefined && { content }),
      });
    }
  }
  for (const folder of folders) {
    for (const entry of await list(join(directory, folder))) {
      if (entry.isFile() && files.length < MAX_ENTRIES) {
        files.push({ path: `${folder}/${entry.name}` });
      }
    }
  }
  return files;
}

async function list(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, MAX_ENTRIES);
}

/** Its beginning; of a larger file, the rest says nothing new. */
async function readText(path: string): Promise<string | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    // Exchanged or locked meanwhile: then its name is all that is known.
    return undefined;
  }
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(MAX_TEXT_BYTES),
      0,
      MAX_TEXT_BYTES,
      0,
    );
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
