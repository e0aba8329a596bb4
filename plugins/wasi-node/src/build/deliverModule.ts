import { randomUUID } from 'node:crypto';
import { copyFile, rename, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { BuildRun } from './types';

/**
 * Puts a module into the function's folder, as the last thing of a build: what
 * lies there can be served. A module of the repository stays where it is.
 *
 * @returns Where it lies.
 * @internal
 */
export async function deliverModule(
  { directory, scratch }: Pick<BuildRun, 'directory' | 'scratch'>,
  produced: string,
): Promise<string> {
  if (!produced.startsWith(scratch + sep)) {
    return produced;
  }
  const target = join(directory, 'module.wasm');
  const incoming = join(directory, `.module-${randomUUID()}.wasm`);
  try {
    // A rename does not cross file systems; from the neighbour it does not have to.
    await copyFile(produced, incoming);
    await rename(incoming, target);
  } finally {
    await rm(incoming, { force: true });
  }
  return target;
}
