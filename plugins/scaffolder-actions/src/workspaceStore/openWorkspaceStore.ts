import { constants } from 'node:fs';
import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkspaceProvider } from '@backstage/plugin-scaffolder-node/alpha';
import { unlessPresent } from '../workspace';
import { fingerprint } from './fingerprint';

/** Long enough to come back to a failed run after a holiday. */
const KEEP_MS = 14 * 24 * 60 * 60 * 1000;

/**
 * Opens a folder that keeps the workspaces of unfinished runs, so that a run goes on
 * from its failed step after the backend was killed. What belongs to failed runs that
 * nobody came back to is deleted.
 *
 * A copy counts from the moment it is renamed to its number, so that whoever is
 * killed while copying leaves the copy before it as it was.
 *
 * @internal
 */
export async function openWorkspaceStore(options: {
  directory: string;
  now: () => Date;
}): Promise<WorkspaceProvider> {
  const { directory, now } = options;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await prune(directory, now());
  } catch (error) {
    throw new Error(
      `The folder of scaffolder.taskRecovery.directory cannot be used: ${
        (error as Error).message
      }`,
      { cause: error },
    );
  }
  // Most steps change no file: then what is kept is right already.
  const saved = new Map<string, string>();

  return {
    async serializeWorkspace({ path, taskId }) {
      const contents = await fingerprint(path);
      if (saved.get(taskId) === contents) {
        return;
      }
      const folder = join(directory, taskId);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const next = `${((await latest(folder)) ?? 0) + 1}`;
      const draft = join(folder, 'draft');
      await rm(draft, { recursive: true, force: true });
      await copy(path, draft);
      await rename(draft, join(folder, next));
      saved.set(taskId, contents);
      for (const name of await readdir(folder)) {
        if (name !== next) {
          await rm(join(folder, name), { recursive: true, force: true });
        }
      }
    },

    async rehydrateWorkspace({ taskId, targetPath }) {
      saved.delete(taskId);
      const folder = join(directory, taskId);
      const version = await latest(folder);
      // What a killed process left there may be half of something.
      await rm(targetPath, { recursive: true, force: true });
      await mkdir(targetPath, { recursive: true });
      if (version !== undefined) {
        await copy(join(folder, `${version}`), targetPath);
      }
    },

    async cleanWorkspace({ taskId }) {
      saved.delete(taskId);
      await rm(join(directory, taskId), { recursive: true, force: true });
    },
  };
}

async function prune(directory: string, now: Date): Promise<void> {
  for (const name of await readdir(directory)) {
    const folder = join(directory, name);
    const { mtimeMs } = await stat(folder);
    if (now.getTime() - mtimeMs > KEEP_MS) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Number of the newest whole copy. */
async function latest(folder: string): Promise<number | undefined> {
  const names = (await readdir(folder).catch(unlessPresent)) ?? [];
  const versions = names.filter(name => /^\d+$/.test(name)).map(Number);
  return versions.length > 0 ? Math.max(...versions) : undefined;
}

function copy(from: string, to: string): Promise<void> {
  return cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  });
}
