// Every program that the scripts start, each in a process group of its own, so that
// stopping it stops what it started in turn (yarn → node-gyp → make → cc).
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { endGroups, signalGroup } from './groups.mjs';
import { endUsersOf } from './orphans.mjs';
import { root } from './root.mjs';

const TAIL_LINES = 20;
const groups = new Set();
let guard;

// However the script ends: what is still there goes with it.
process.on('exit', killChildren);

/**
 * Starts a program. Its output goes to `logFile`, line by line also to `onLine`.
 * `temporary`: its folder for temporary files; who still uses it when the program has
 * ended is ended, too. `exited` resolves to its exit code, `ending()` then tells it in
 * words; `tail()` gives its last lines.
 */
export function startChild({
  args = [],
  command,
  cwd,
  env,
  logFile,
  onLine,
  temporary,
}) {
  mkdirSync(dirname(logFile), { recursive: true });
  if (temporary) {
    mkdirSync(temporary, { recursive: true, mode: 0o700 });
  }
  const log = createWriteStream(logFile);
  const tail = [];
  let ending = 'could not be started';
  const child = spawn(command, args, {
    cwd,
    env: temporary ? { ...env, TMPDIR: temporary } : env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid) {
    groups.add(child.pid);
    openGuard().stdin.write(`+${child.pid}\n`);
  }
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', line => {
      log.write(`${line}\n`);
      tail.push(line);
      if (tail.length > TAIL_LINES) {
        tail.shift();
      }
      onLine?.(line);
    });
  }
  const exited = new Promise(resolve => {
    child.on('error', error => {
      tail.push(`${command} could not be started: ${error.message}`);
      log.end();
      resolve(127);
    });
    child.on('exit', () => {
      if (temporary) {
        endUsersOf(temporary);
      }
    });
    child.on('close', (code, signal) => {
      log.end();
      // Its own children may outlive it.
      if (!signalGroup(child.pid, 0)) {
        groups.delete(child.pid);
        guard.stdin.write(`-${child.pid}\n`);
      }
      ending = signal
        ? `was ended from outside by ${signal}`
        : `ended with exit code ${code}`;
      resolve(code ?? 128);
    });
  });
  return {
    pid: child.pid,
    exited,
    ending: () => ending,
    tail: () => [...tail],
    logFile,
  };
}

/**
 * Has everything ended that uses this folder, should this process be killed.
 *
 * @returns The process that sees to it.
 */
export function guardTemporary(temporary) {
  openGuard().stdin.write(`=${temporary}\n`);
  return guard.pid;
}

/** Ends everything that was started and waits until it is gone. */
export async function stopChildren() {
  await endGroups(groups);
}

/** Ends everything at once. */
export function killChildren() {
  for (const pid of groups) {
    signalGroup(pid, 'SIGKILL');
  }
}

function openGuard() {
  if (!guard) {
    guard = spawn(process.execPath, [join(root, 'scripts/lib/guard.mjs')], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // Whoever ends the guard has no need of it.
    guard.stdin.on('error', () => {});
    guard.unref();
    guard.stdin.unref();
  }
  return guard;
}
