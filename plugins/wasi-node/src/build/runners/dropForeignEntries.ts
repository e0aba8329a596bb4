import { readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isChildPath } from '@backstage/backend-plugin-api';

/**
 * Removes from the top of a build's folder what a tool may have left there for
 * us to read or write in place of a file: links that lead out, pipes, sockets.
 *
 * @internal
 */
export async function dropForeignEntries(scratch: string): Promise<void> {
  for (const entry of await readdir(scratch, { withFileTypes: true })) {
    const path = join(scratch, entry.name);
    if (!entry.isFile() && !entry.isDirectory()) {
      const target = await realpath(path).catch(() => undefined);
      if (!entry.isSymbolicLink() || !target || !isChildPath(scratch, target)) {
        await rm(path, { force: true });
      }
    }
  }
}
