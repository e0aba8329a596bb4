import { createHash, type Hash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Tells whether a folder changed since it was last looked at, without reading its files.
 *
 * @internal
 */
export async function fingerprint(directory: string): Promise<string> {
  const hash = createHash('sha256');
  await addFolder(hash, directory);
  return hash.digest('hex');
}

// A walk of our own: that of readdir follows links, out of the folder and in circles.
async function addFolder(hash: Hash, folder: string): Promise<void> {
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const stats = await lstat(path, { bigint: true });
    const { ctimeNs, ino, mode, size } = stats;
    hash.update(`${name}\0${ino} ${mode} ${size} ${ctimeNs}\n`);
    if (stats.isDirectory()) {
      await addFolder(hash, path);
      hash.update('..\n');
    }
  }
}
