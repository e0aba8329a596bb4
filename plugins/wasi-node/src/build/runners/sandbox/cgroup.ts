import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BuildLimits } from '../buildLimits';

/** Threads count as processes do; a compiler has a handful for each processor. */
const TASKS_PER_PROCESS = 16;
const CPU_PERIOD_US = 100_000;
const REMOVAL_ATTEMPTS = 40;
const REMOVAL_PAUSE_MS = 25;

/**
 * A control group of one build: the kernel holds its limits.
 *
 * @internal
 */
export interface BuildCgroup {
  add(pid: number): Promise<void>;
  /** Whether the kernel ended processes because the group's memory was used up. */
  ranOutOfMemory(): Promise<boolean>;
  /** Only once nothing runs in it. */
  remove(): Promise<void>;
}

/**
 * Where control groups can be made: below these folders, of one hierarchy
 * (version 2) or of one for each controller (version 1).
 *
 * @internal
 */
export interface CgroupParents {
  version: 1 | 2;
  memory: string;
  pids: string;
  cpu?: string;
}

/** https://docs.kernel.org/admin-guide/cgroup-v2.html and cgroup-v1. */
const files = {
  1: {
    memory: (bytes: number) => [
      ['memory.limit_in_bytes', String(bytes)],
      // Swap is memory, too; where the kernel does not count it, there is no such file.
      ['memory.memsw.limit_in_bytes', String(bytes)],
    ],
    cpu: (cpus: number) => [
      ['cpu.cfs_period_us', String(CPU_PERIOD_US)],
      ['cpu.cfs_quota_us', String(Math.ceil(cpus * CPU_PERIOD_US))],
    ],
    events: 'memory.oom_control',
  },
  2: {
    memory: (bytes: number) => [
      ['memory.max', String(bytes)],
      ['memory.swap.max', '0'],
    ],
    cpu: (cpus: number) => [
      ['cpu.max', `${Math.ceil(cpus * CPU_PERIOD_US)} ${CPU_PERIOD_US}`],
    ],
    events: 'memory.events',
  },
} as const;
const OPTIONAL = ['memory.memsw.limit_in_bytes', 'memory.swap.max'];

/**
 * Makes a group; undefined where the kernel or whoever started us does not allow it.
 *
 * @internal
 */
export async function createCgroup(
  parents: CgroupParents,
  limits: BuildLimits,
): Promise<BuildCgroup | undefined> {
  const name = `wasi-build-${randomUUID()}`;
  const folders = new Map(
    (['memory', 'pids', 'cpu'] as const).flatMap(controller => {
      const parent = parents[controller];
      // In a group of that controller, a build has the weight of one process among others.
      const used = controller !== 'cpu' || limits.cpus !== undefined;
      return parent && used ? [[controller, join(parent, name)] as const] : [];
    }),
  );
  const unique = [...new Set(folders.values())];
  const remove = async () => {
    for (const folder of unique) {
      await removeGroup(folder);
    }
  };
  const known = files[parents.version];
  const settings: [folder: string, file: string, value: string][] = [];
  const want = (
    controller: 'memory' | 'pids' | 'cpu',
    values: readonly (readonly string[])[],
  ) => {
    const folder = folders.get(controller);
    values.forEach(
      ([file, value]) => folder && settings.push([folder, file, value]),
    );
  };
  want('pids', [['pids.max', String(limits.processes * TASKS_PER_PROCESS)]]);
  if (limits.memoryBytes !== Infinity) {
    want('memory', known.memory(limits.memoryBytes));
  }
  if (limits.cpus !== undefined) {
    want('cpu', known.cpu(limits.cpus));
  }
  try {
    for (const folder of unique) {
      await mkdir(folder);
    }
    for (const [folder, file, value] of settings) {
      await write(join(folder, file), value).catch(error => {
        if (!OPTIONAL.includes(file)) {
          throw error;
        }
      });
    }
  } catch {
    // Read-only, not ours, or without this controller: then there is none.
    await remove();
    return undefined;
  }
  const events = join(folders.get('memory') ?? '', known.events);
  return {
    async add(pid) {
      for (const folder of unique) {
        await write(join(folder, 'cgroup.procs'), String(pid));
      }
    },
    async ranOutOfMemory() {
      const kills = /^oom_kill (\d+)$/m.exec(await readFile(events, 'utf8'));
      return Number(kills?.[1] ?? 0) > 0;
    },
    remove,
  };
}

/** Never makes the file: in a folder that is no group, that is a failure. */
function write(path: string, value: string): Promise<void> {
  return writeFile(path, value, { flag: 'r+' });
}

/** The last process may still be on its way out. */
async function removeGroup(folder: string): Promise<void> {
  for (let attempt = 0; attempt < REMOVAL_ATTEMPTS; attempt++) {
    try {
      await rmdir(folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') {
        return;
      }
      if (code !== 'EBUSY') {
        break;
      }
    }
    await delay(REMOVAL_PAUSE_MS);
  }
  // An empty group that stays costs nothing; the build is not failed for it.
}

/**
 * Where this process may make groups: `configured`, or next to itself.
 *
 * @internal
 */
export async function locateCgroups(
  configured?: string,
): Promise<CgroupParents[]> {
  if (configured) {
    return [
      { version: 2, memory: configured, pids: configured, cpu: configured },
    ];
  }
  let own: string;
  let mounts: string;
  try {
    own = await readFile('/proc/self/cgroup', 'utf8');
    mounts = await readFile('/proc/self/mounts', 'utf8');
  } catch {
    // Not Linux.
    return [];
  }
  const lines = own
    .trim()
    .split('\n')
    .map(line => line.split(':'));
  const mounted = mounts
    .split('\n')
    .map(line => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, folder, type, options]) => ({
      folder,
      type,
      options: options.split(','),
    }));
  const of = (controller: string) => {
    const path = lines.find(([, names]) =>
      names.split(',').includes(controller),
    )?.[2];
    const mount = mounted.find(
      ({ type, options }) => type === 'cgroup' && options.includes(controller),
    );
    return path === undefined || !mount ? undefined : join(mount.folder, path);
  };
  const found: CgroupParents[] = [];
  const unified = lines.find(([id]) => id === '0')?.[2];
  const root = mounted.find(({ type }) => type === 'cgroup2')?.folder;
  if (unified !== undefined && root) {
    // A group with processes has no groups with limits below it, but its parent may.
    for (const folder of new Set(
      [unified, dirname(unified)].map(path => join(root, path)),
    )) {
      found.push({ version: 2, memory: folder, pids: folder, cpu: folder });
    }
  }
  const [memory, pids] = [of('memory'), of('pids')];
  if (memory && pids) {
    found.push({ version: 1, memory, pids, cpu: of('cpu') });
  }
  return found;
}
