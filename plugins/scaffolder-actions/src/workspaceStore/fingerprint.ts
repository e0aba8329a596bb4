import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Tells whether a folder changed since it was last looked at, without reading its files.
 *
 * @internal
 */
export async function fingerprint(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const names = await readdir(directory, { recursive: true });
  for (const name of names.sort()) {
    const { ctimeNs, ino, mode, size } = await lstat(join(directory, name), {
      bigint: true,
    });
    hash.update(`${name}\0${ino} ${mode} ${size} ${ctimeNs}\n`);
  }
  return hash.digest('hex');
}
