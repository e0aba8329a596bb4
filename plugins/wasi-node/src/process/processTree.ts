import { readdirSync, readFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** Rounds of SIGKILL against a tree that keeps forking, 50 ms apart. */
const KILL_ROUNDS = 40;
const POLL_MS = 50;

/**
 * A program and all that it started.
 *
 * @internal
 */
export interface ProcessTree {
  /** Sends the signal to all that is left; tells how many processes there were. */
  signal(name: 'SIGTERM' | 'SIGKILL' | 0): number;
  /** Forgets the tree; call when it is gone. */
  release(): void;
}

const running = new Set<ProcessTree>();
// Detached children outlive us: whatever way we end, they end too.
const endAll = () => running.forEach(tree => tree.signal('SIGKILL'));

/**
 * Watches the tree below a child that leads its own process group.
 *
 * @param mark - Value of `WASI_COMMAND_MARK` in the child's environment.
 * @internal
 */
export function trackTree(
  child: Pick<ChildProcess, 'pid'>,
  mark: string,
): ProcessTree {
  const root = child.pid;
  const tree: ProcessTree = {
    signal(name) {
      if (root === undefined) {
        return 0;
      }
      const group = process.platform === 'win32' ? root : -root;
      const processes = readProcesses();
      if (!processes) {
        return send(group, name) ? 1 : 0;
      }
      const members = findMembers(processes, root, mark);
      if (members.some(member => member.group === root)) {
        send(group, name);
      }
      const strays = members.filter(member => member.group !== root);
      strays.forEach(({ pid }) => send(pid, name));
      return members.length;
    },
    release() {
      running.delete(tree);
      if (running.size === 0) {
        process.off('exit', endAll);
      }
    },
  };
  if (running.size === 0) {
    process.once('exit', endAll);
  }
  running.add(tree);
  return tree;
}

/**
 * Ends a tree: asks politely, waits at most `graceMs`, then forces it.
 *
 * @internal
 */
export async function endTree(
  tree: ProcessTree,
  graceMs: number,
): Promise<void> {
  if (tree.signal('SIGTERM') === 0) {
    return;
  }
  for (let waited = 0; waited < graceMs; waited += POLL_MS) {
    await delay(POLL_MS);
    if (tree.signal(0) === 0) {
      return;
    }
  }
  for (let round = 0; round < KILL_ROUNDS; round++) {
    if (tree.signal('SIGKILL') === 0) {
      return;
    }
    await delay(50);
  }
}

function send(pid: number, name: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    // ESRCH: it is gone already, which is what we want. EPERM: it is not ours any more.
    return false;
  }
}

interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
}

/** In the group of `root`, below it, or marked as its own where the parent between is gone. */
function findMembers(
  processes: ProcessEntry[],
  root: number,
  mark: string,
): ProcessEntry[] {
  const family = new Set([root]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const entry of processes) {
      if (family.has(entry.parent)) {
        family.add(entry.pid);
      }
    }
  }
  return processes.filter(
    ({ pid, group }) =>
      group === root || family.has(pid) || carriesMark(pid, mark),
  );
}

/** Without /proc, the process group is all that we can reach. */
function readProcesses(): ProcessEntry[] | undefined {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return undefined;
  }
  return names
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        // `pid (command) state ppid pgrp …`; the command may hold spaces and brackets.
        const [state, parent, group] = stat
          .slice(stat.lastIndexOf(')') + 2)
          .split(' ');
        // A zombie is dead; it only waits to be reaped, in some containers for ever.
        return state === 'Z'
          ? []
          : [
              {
                pid: Number(name),
                parent: Number(parent),
                group: Number(group),
              },
            ];
      } catch {
        // It ended between the two reads.
        return [];
      }
    });
}

function carriesMark(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(
      `WASI_COMMAND_MARK=${mark}`,
    );
  } catch {
    // Ended, or another user's: not a child of ours.
    return false;
  }
}
