// Outlives a script that was killed (SIGKILL leaves it no last word), and ends what it
// had started. Its input ends with the script; its lines are `+pid` and `-pid` of process
// groups, and `=path` of the folder for temporary files.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endGroups } from './groups.mjs';
import { endUsersOf } from './orphans.mjs';

const groups = new Set();
let temporary;

// Ctrl-C reaches the whole terminal; the script decides what it means.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {});
}

const lines = createInterface({ input: process.stdin });
lines.on('line', line => {
  const value = line.slice(1);
  switch (line[0]) {
    case '+':
      groups.add(Number(value));
      break;
    case '-':
      groups.delete(Number(value));
      break;
    default:
      temporary = value;
  }
});
lines.on('close', async () => {
  await endGroups(groups);
  if (temporary) {
    endUsersOf(temporary);
    rmSync(temporary, { recursive: true, force: true });
  }
  process.exit();
});
