import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDebian } from './installDebian.mjs';
import { problems } from './problems.mjs';

/**
 * A toolchain made of Debian's packages, pinned by the `packages.lock.json`
 * beside the file of that `url`. `finish` is given the folder they are in.
 */
export function debianToolchain({ url, size, programs, exclude, finish }) {
  const lock = fileURLToPath(new URL('packages.lock.json', url));
  return {
    size,
    pins: [lock],
    async install({ incoming, target }) {
      await installDebian({ lock, incoming, target, programs, exclude });
      await finish?.(join(incoming, 'root'));
    },
    problems,
  };
}
