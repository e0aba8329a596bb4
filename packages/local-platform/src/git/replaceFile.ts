import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../platform/hasCode';
import { moveDurably } from '../platform/durableFile';

/** Where a repository keeps what is not whole yet; emptied at every start. @internal */
export const INCOMING = 'incoming';

/**
 * Writes a file of a repository, which is there whole or as it was before,
 * whenever the process ends.
 *
 * @internal
 */
export async function replaceFile(
  gitdir: string,
  path: string,
  text: string,
): Promise<void> {
  const draft = join(gitdir, INCOMING, randomUUID());
  const target = join(gitdir, path);
  await mkdir(join(gitdir, INCOMING), { recursive: true });
  try {
    await writeFile(draft, text);
    try {
      await moveDurably(draft, target);
    } catch (error) {
      if (!hasCode(error, 'EISDIR', 'ENOTEMPTY', 'EEXIST')) {
        throw error;
      }
      // Empty folders that deleted references left where this one goes.
      await rm(target, { recursive: true });
      await moveDurably(draft, target);
    }
  } finally {
    await rm(draft, { force: true });
  }
}
