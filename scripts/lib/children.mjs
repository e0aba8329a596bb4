// Every program that the scripts start, each in a process group of its own, so that
// stopping it stops what it started in turn (yarn → node-gyp → make → cc).
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

const TAIL_LINES = 20;
const GRACE_MS = 8_000;
const groups = new Set();

// However the script ends: what is still there goes with it.
process.on('exit', () => {
  for (const child of groups) {
    signalGroup(child, 'SIGKILL');
  }
});

/**
 * Starts a program. Its output goes to `logFile`, line by line also to `onLine`.
 * `exited` resolves to its exit code; `tail()` gives its last lines.
 */
export function startChild({ args = [], command, cwd, env, logFile, onLine }) {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  const tail = [];
  const child = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid) {
    groups.add(child);
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
    child.on('close', (code, signal) => {
      log.end();
      // Its own children may outlive it.
      if (!groupExists(child)) {
        groups.delete(child);
      }
      resolve(code ?? (signal ? 128 : 1));
    });
  });
  return { pid: child.pid, exited, tail: () => [...tail], logFile };
}

/** Ends everything that was started and waits until it is gone. */
export async function stopChildren() {
  for (const child of groups) {
    signalGroup(child, 'SIGTERM');
  }
  const deadline = Date.now() + GRACE_MS;
  while (anyLeft() && Date.now() < deadline) {
    await pause(50);
  }
  for (const child of groups) {
    signalGroup(child, 'SIGKILL');
  }
  while (anyLeft()) {
    await pause(20);
  }
}

/** Ends everything at once. */
export function killChildren() {
  for (const child of groups) {
    signalGroup(child, 'SIGKILL');
  }
}

function anyLeft() {
  for (const child of groups) {
    if (!groupExists(child)) {
      groups.delete(child);
    }
  }
  return groups.size > 0;
}

function groupExists(child) {
  return signalGroup(child, 0);
}

/** Whether there was somebody to get the signal. */
function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
    return true;
  } catch (error) {
    if (error.code === 'ESRCH') {
      return false;
    }
    // macOS answers EPERM for a group of which only a zombie is left.
    if (error.code === 'EPERM') {
      return false;
    }
    throw error;
  }
}

function pause(milliseconds) {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
