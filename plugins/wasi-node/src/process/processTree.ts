import { readdirSync, readFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';

/** Rounds of SIGKILL against a tree that keeps forking: without a pause first, then 50 ms apart. */
const QUICK_KILL_ROUNDS = 20;
const KILL_ROUNDS = 60;
const POLL_MS = 50;

/**
 * A program and all that it started.
 *
 * @internal
 */
export interface ProcessTree {
  /** Sends the signal to all that is left; tells how many processes there were. */
  signal(name: 'SIGTERM' | 'SIGKILL' | 0): number;
  /** All that is left; empty where there is no `/proc`. */
  pids(): number[];
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
  // Who was seen once is known for good, even with another parent and environment.
  const known = new Map<number, string>();
  const lookForMembers = (processes: ProcessEntry[], rootPid: number) => {
    const members = findMembers(processes, { root: rootPid, mark, known });
    members.forEach(({ pid, started }) => known.set(pid, started));
    return members;
  };
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
      const members = lookForMembers(processes, root);
      // A group cannot fork away from its signal. Groups that are not ours were
      // made by members, for themselves; ours a child has until it makes its own.
      const ours = ownGroup();
      for (const id of new Set(members.map(member => member.group))) {
        if (id !== ours) {
          send(-id, name);
        }
      }
      members
        .filter(member => member.group === ours)
        .forEach(({ pid }) => send(pid, name));
      return members.length;
    },
    pids() {
      const processes = root === undefined ? undefined : readProcesses();
      return processes && root !== undefined
        ? lookForMembers(processes, root).map(({ pid }) => pid)
        : [];
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
 * @returns How many processes could not be ended.
 * @internal
 */
export async function endTree(
  tree: ProcessTree,
  graceMs: number,
): Promise<number> {
  if (tree.signal('SIGTERM') === 0) {
    return 0;
  }
  for (let waited = 0; waited < graceMs; waited += POLL_MS) {
    await delay(POLL_MS);
    if (tree.signal(0) === 0) {
      return 0;
    }
  }
  for (let round = 0; round < KILL_ROUNDS; round++) {
    if (tree.signal('SIGKILL') === 0) {
      return 0;
    }
    await (round < QUICK_KILL_ROUNDS ? setImmediate() : delay(POLL_MS));
  }
  return tree.signal(0);
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
  /** In ticks since the machine's start: with the pid, one process for ever. */
  started: string;
}

/**
 * In the group of `root`, below it, seen before, or marked as its own where the
 * parent between is gone.
 */
function findMembers(
  processes: ProcessEntry[],
  tree: { root: number; mark: string; known: ReadonlyMap<number, string> },
): ProcessEntry[] {
  const { root, mark, known } = tree;
  const family = new Set([root]);
  for (const { pid, started } of processes) {
    if (known.get(pid) === started) {
      family.add(pid);
    }
  }
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
    .flatMap(name => readProcess(name) ?? []);
}

/** Undefined where it ended between two reads, or is dead and only waits to be reaped, in some containers for ever. */
function readProcess(name: string): ProcessEntry | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${name}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // `pid (command) state ppid pgrp …`; the command may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group] = fields;
  return state === 'Z'
    ? undefined
    : {
        pid: Number(stat.slice(0, stat.indexOf(' '))),
        parent: Number(parent),
        group: Number(group),
        started: fields[19],
      };
}

function ownGroup(): number | undefined {
  return readProcess('self')?.group;
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
