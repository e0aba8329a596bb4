import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { hasCode } from './hasCode';

const lockSchema = z.object({ pid: z.number(), started: z.string() });

/**
 * Takes a folder for this process alone; answers the function that gives it back.
 *
 * A lock that a killed process left behind is taken over.
 *
 * @internal
 */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, 'platform.lock');
  const lock = JSON.stringify({
    pid: process.pid,
    started: startOf(process.pid) ?? '',
  });
  try {
    writeFileSync(path, lock, { flag: 'wx' });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) {
      throw error;
    }
    const owner = livingOwner(path);
    if (owner !== undefined) {
      throw new WasiError('LOCAL_PLATFORM_RUNNING', {
        message: `A local platform runs already on ${directory} (process ${owner}).`,
        remedy: `End it with Ctrl-C where it was started, or with "kill ${owner}".`,
      });
    }
    writeFileSync(path, lock);
  }
  return () => rmSync(path, { force: true });
}

function livingOwner(path: string): number | undefined {
  let lock: z.infer<typeof lockSchema>;
  try {
    lock = lockSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // Half written by a process that was killed meanwhile.
    return undefined;
  }
  const started = startOf(lock.pid);
  // After a restart of the machine another program may have got the number.
  return started !== undefined && started === lock.started
    ? lock.pid
    : undefined;
}

/** Tells processes of the same number apart; undefined where there is no such process. */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) {
      return undefined;
    }
    // EPERM: it lives, and belongs to somebody else.
  }
  try {
    // Field 22 of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; the name in
    // field 2 may hold spaces, so count from its closing bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    // No /proc, as on macOS: being alive has to be enough.
    return '';
  }
}
