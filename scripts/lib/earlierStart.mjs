import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardTemporary } from './children.mjs';
import { endUsersOf } from './orphans.mjs';
import { readPlatform } from './platformFile.mjs';
import { UserError } from './UserError.mjs';

// Longer than the guard of a killed start gives its programs to end.
const ORPHANS_MS = 30_000;

/**
 * Clears up after an earlier start on this folder that was killed, and refuses one that runs.
 */
export async function settleEarlierStart(directory, log = console.log) {
  const earlier = await readRecord(directory);
  if (earlier && runs(earlier.pid, 'start.mjs')) {
    throw new UserError(
      `A portal runs already on ${directory} (process ${earlier.pid}): end it with Ctrl-C where it was started, or with "kill ${earlier.pid}".`,
    );
  }
  if (earlier) {
    log(
      `The portal before (process ${earlier.pid}) was killed. Its state is kept, and template runs go on where they were.`,
    );
    const deadline = Date.now() + ORPHANS_MS;
    if (runs(earlier.guard, 'guard.mjs')) {
      log('Waiting for its programs to end …');
    }
    while (runs(earlier.guard, 'guard.mjs') && Date.now() < deadline) {
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
  const platform = await readPlatform(directory);
  if (platform && runs(platform.pid, 'wasi-local-platform')) {
    throw new UserError(
      `A local platform runs already on ${directory} (process ${platform.pid}): end it with Ctrl-C where it was started, or with "kill ${platform.pid}".`,
    );
  }
  if (earlier) {
    endUsersOf(earlier.temporary);
    await rm(earlier.temporary, { recursive: true, force: true });
    await rm(recordPath(directory));
  }
}

/**
 * Notes that this process has the folder, and gives it one for temporary files, so
 * that the next start finds what a killed one left.
 *
 * @returns `temporary`: that folder; `end()`: deletes it and the note.
 */
export async function recordStart(directory) {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Not in `directory`: sockets go there, whose paths may have 104 characters on macOS.
  const temporary = await mkdtemp(join(tmpdir(), 'wasi-portal-'));
  await writeFile(
    recordPath(directory),
    JSON.stringify({
      pid: process.pid,
      guard: guardTemporary(temporary),
      temporary,
    }),
    { mode: 0o600 },
  );
  return {
    temporary,
    async end() {
      await rm(temporary, { recursive: true, force: true });
      await rm(recordPath(directory), { force: true });
    },
  };
}

async function readRecord(directory) {
  try {
    const record = JSON.parse(await readFile(recordPath(directory), 'utf8'));
    // It says what to delete: nothing but what we name so.
    return /[\\/]wasi-portal-\w{6}$/.test(record.temporary)
      ? record
      : undefined;
  } catch {
    // None, or half written: there is nothing to clear up.
    return undefined;
  }
}

function recordPath(directory) {
  return join(directory, 'start.json');
}

/** Whether a process lives and is what we take it for: numbers are given again. */
function runs(pid, program) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') {
      return false;
    }
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program);
  } catch {
    // No /proc, as on macOS: being alive has to be enough.
    return true;
  }
}
