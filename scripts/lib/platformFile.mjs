import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a local platform says of itself; undefined where none has started in this folder. */
export async function readPlatform(directory) {
  try {
    return JSON.parse(await readFile(join(directory, 'platform.json'), 'utf8'));
  } catch {
    // Not there, or broken: the local platform writes it anew.
    return undefined;
  }
}
