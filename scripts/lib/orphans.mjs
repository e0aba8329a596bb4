import { readdirSync, readFileSync } from 'node:fs';

/**
 * Ends what a killed program had started in sessions of their own: a build goes on
 * without the backend that would have stopped it. It is known by its folder for
 * temporary files. Without /proc, as on macOS, it is left to end by itself.
 */
export function endUsersOf(temporary) {
  let names;
  try {
    names = readdirSync('/proc');
  } catch {
    return;
  }
  for (const name of names) {
    if (/^\d+$/.test(name) && uses(name, temporary)) {
      try {
        process.kill(Number(name), 'SIGKILL');
      } catch {
        // It was quicker, or belongs to somebody else.
      }
    }
  }
}

function uses(pid, temporary) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
      .split('\0')
      .some(
        entry =>
          entry === `TMPDIR=${temporary}` ||
          entry.startsWith(`TMPDIR=${temporary}/`),
      );
  } catch {
    // It ended, or belongs to somebody else.
    return false;
  }
}
