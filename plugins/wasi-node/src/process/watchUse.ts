import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { ProcessTree } from './processTree';
import { usesMoreMemory } from './treeMemory';
import type { CommandOptions } from './types';

const POLL_MS = 500;
/** Looking takes at most a tenth of the time, however much there is to see. */
const PAUSE_FACTOR = 10;

/**
 * Looks now and then how many processes a tree has, and how much memory and disk it takes.
 *
 * @returns Ends the watch.
 * @internal
 */
export function watchUse(
  tree: ProcessTree,
  options: Pick<CommandOptions, 'maxProcesses' | 'maxMemoryBytes' | 'disk'> & {
    onExceeded: (limit: 'processes' | 'memory' | 'disk') => void;
  },
): () => void {
  const {
    maxProcesses = Infinity,
    maxMemoryBytes = Infinity,
    disk,
    onExceeded,
  } = options;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  if (
    [maxProcesses, maxMemoryBytes, disk?.maxBytes ?? Infinity].some(
      limit => limit !== Infinity,
    )
  ) {
    timer = setTimeout(look, POLL_MS);
  }

  async function look() {
    const started = performance.now();
    if (maxProcesses !== Infinity && tree.signal(0) > maxProcesses) {
      onExceeded('processes');
      return;
    }
    if (
      maxMemoryBytes !== Infinity &&
      (await usesMoreMemory(tree.pids(), maxMemoryBytes))
    ) {
      onExceeded('memory');
      return;
    }
    if (disk && (await exceeds(disk))) {
      onExceeded('disk');
      return;
    }
    if (!ended) {
      const took = performance.now() - started;
      timer = setTimeout(look, Math.max(POLL_MS, PAUSE_FACTOR * took));
    }
  }

  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

async function exceeds(disk: {
  folder: string;
  maxBytes: number;
}): Promise<boolean> {
  let bytes = 0;
  const folders = [disk.folder];
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(
      unlessGone,
    );
    for (const entry of entries ?? []) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        folders.push(path);
      } else {
        const stats = await lstat(path).catch(unlessGone);
        // What it takes, not what it says: a sparse file is small. `blocks` are of 512 bytes.
        bytes += stats ? stats.blocks * 512 : 0;
      }
      if (bytes > disk.maxBytes) {
        return true;
      }
    }
  }
  return false;
}

/** A build makes and removes files while we look; a folder that it locked is not ours to read. */
function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes(error.code ?? '')) {
    throw error;
  }
  return undefined;
}
