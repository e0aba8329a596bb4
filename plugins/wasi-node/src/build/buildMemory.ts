import { readdir, readFile } from 'node:fs/promises';

/**
 * Memory of the processes that work in a build's folder, and of those they
 * started, in bytes.
 *
 * @returns undefined where there is no `/proc`, or no such process on this machine.
 * @internal
 */
export async function buildMemory(
  scratch: string,
): Promise<number | undefined> {
  const names = await readdir('/proc').catch(() => []);
  const parents = new Map<number, number>();
  const members = new Set<number>();
  for (const pid of names.filter(name => /^\d+$/.test(name)).map(Number)) {
    const stat = await read(pid, 'stat');
    // `pid (command) state ppid …`; the command may hold spaces and brackets.
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    parents.set(pid, Number(parent));
    if (pid !== process.pid && (await mentions(pid, scratch))) {
      members.add(pid);
    }
  }
  for (let size = -1; size !== members.size; ) {
    size = members.size;
    for (const [pid, parent] of parents) {
      if (members.has(parent)) {
        members.add(pid);
      }
    }
  }
  let kibibytes = 0;
  for (const pid of members) {
    const status = await read(pid, 'status');
    kibibytes += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  }
  return kibibytes > 0 ? kibibytes * 1024 : undefined;
}

/** Tools have the folder as HOME, or in the command line of what shuts them in. */
async function mentions(pid: number, scratch: string): Promise<boolean> {
  return (
    (await read(pid, 'environ')).includes(scratch) ||
    (await read(pid, 'cmdline')).includes(scratch)
  );
}

/** Nothing of a process that ended meanwhile or is another user's. */
function read(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
}
