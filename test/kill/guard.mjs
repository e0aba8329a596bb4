// What `npm start` started ends when it is killed itself, and the next start says so.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { settleEarlierStart } from '../../scripts/lib/earlierStart.mjs';
import { descendants, killOne, waitForEnd } from './processes.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));

/** Kills a script that has started programs; answers what is not as it should be after. */
export async function checkKilledStart() {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-guard-'));
  try {
    const script = spawn(
      process.execPath,
      [join(HERE, 'guarded-start.mjs'), directory],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [temporary] = await once(
      createInterface({ input: script.stdout }),
      'line',
    );
    const refused = await settleEarlierStart(directory, () => {}).then(
      () => 'not refused',
      error => error.message,
    );
    const started = descendants(script.pid);
    killOne(script.pid);
    const said = [];
    await settleEarlierStart(directory, text => said.push(text));
    const alive = await waitForEnd(started);
    return [
      started.size < 3 && `only ${started.size} processes were started`,
      !refused.includes(`A portal runs already on ${directory}`) &&
        `a second start was answered: ${refused}`,
      alive.length > 0 && `still there: ${alive.join(', ')}`,
      !said[0]?.startsWith(
        `The portal before (process ${script.pid}) was killed.`,
      ) && `the next start said: ${said.join(' ')}`,
      existsSync(temporary) && `left behind: ${temporary}`,
    ].filter(Boolean);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
