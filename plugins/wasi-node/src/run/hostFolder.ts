import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'wasi-host-';

/**
 * Makes the folder of a host process, named after this process.
 *
 * @internal
 */
export async function createHostFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/**
 * Removes folders whose owner has ended without doing so.
 *
 * @internal
 */
export async function removeStaleFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, pid] = /^wasi-host-([0-9]+)-/.exec(name) ?? [];
    if (pid && !isAlive(Number(pid))) {
      // Another user's is not ours to remove, and the system does not let us.
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(
        () => undefined,
      );
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
