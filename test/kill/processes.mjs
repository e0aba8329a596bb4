import { readdirSync, readFileSync } from 'node:fs';

const MARK = 'WASI_COMMAND_MARK=';
const ORPHANS_END_MS = 60_000;

/** All that a process has started, as number → start time. Empty without /proc. */
export function descendants(root) {
  const all = processes();
  const family = new Set([root]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { parent, pid } of all) {
      if (family.has(parent)) {
        family.add(pid);
      }
    }
  }
  family.delete(root);
  return new Map(
    all
      .filter(({ pid }) => family.has(pid))
      .map(({ pid, started }) => [pid, started]),
  );
}

/** Kills commands that builds of this backend run, until the runs are over; answers how many. */
export async function killBuilds(backend, { count, random, isOver }) {
  const seen = new Set();
  let killed = 0;
  while (killed < count && !isOver()) {
    for (const pid of descendants(backend).keys()) {
      if (!seen.has(pid) && isBuild(pid)) {
        seen.add(pid);
        if (random() < 0.7) {
          await pause(200 * random());
          killOne(pid);
          killed += 1;
        }
      }
    }
    await pause(5);
  }
  return killed;
}

export function killOne(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It was quicker.
    if (error.code !== 'ESRCH') {
      throw error;
    }
  }
}

/** Waits until processes are gone; answers those that are not. */
export async function waitForEnd(expected) {
  const deadline = Date.now() + ORPHANS_END_MS;
  for (;;) {
    const alive = processes().filter(
      ({ pid, started }) => expected.get(pid) === started,
    );
    if (alive.length === 0 || Date.now() > deadline) {
      return alive.map(({ pid }) => `${pid} ${commandOf(pid)}`);
    }
    await pause(100);
  }
}

function isBuild(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(MARK);
  } catch {
    // It ended between the two reads.
    return false;
  }
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replace(/\0/g, ' ');
  } catch {
    // It ended between the two reads.
    return '';
  }
}

function processes() {
  let names;
  try {
    names = readdirSync('/proc');
  } catch {
    // No /proc, as on macOS: orphans cannot be looked for.
    return [];
  }
  return names
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        // A zombie is dead; it only waits to be reaped.
        return fields[0] === 'Z'
          ? []
          : [
              {
                pid: Number(name),
                parent: Number(fields[1]),
                started: fields[19],
              },
            ];
      } catch {
        // It ended between the two reads.
        return [];
      }
    });
}

function pause(milliseconds) {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
