// Kills the backend, the local platform or a build (SIGKILL) while templates run, starts
// it again, and checks that each run ends deployed once: by itself, or after Retry. Then
// kills the backend while it deploys changes, and checks that the history tells each.
//   WASI_KILLS=100 WASI_DEPLOYS=100 WASI_SEED=7 node test/kill/run.mjs
// The last line it prints is `N passed, N failed`.
import { writeFileSync } from 'node:fs';
import { killDuringDeploys } from './deploys.mjs';
import { checkKilledStart } from './guard.mjs';
import { createRandom } from './random.mjs';
import { checkClean, checkRun } from './invariants.mjs';
import { openPortal } from './portal.mjs';
import { killBuilds, waitForEnd } from './processes.mjs';
import {
  finishRun,
  startRun,
  waitForRun,
  waitForStep,
} from './templateRun.mjs';

const total = Number(process.env.WASI_KILLS ?? 6);
const deploys = Number(process.env.WASI_DEPLOYS ?? 20);
const seed = Number(process.env.WASI_SEED ?? 1);
const STEPS = [
  'init',
  'validate',
  'build',
  'inspect',
  'publish',
  'push',
  'attest',
  'deploy',
  'wait',
  'register',
];
const GAP_MS = 400;
const VICTIMS = ['backend', 'local platform', 'build'];
const atOnce = Math.max(1, Math.min(10, Math.floor(total / VICTIMS.length)));
const random = createRandom(seed);
const outcomes = [];
const failures = [];

console.log(`${total} template runs, ${atOnce} at once, seed ${seed}`);
failures.push(...(await checkKilledStart()));
const portal = await openPortal();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => portal.destroy().then(() => process.exit(130)));
}
try {
  // It pays for what later ones find in a cache, and finds faults that need no kill.
  await wholeRun('untouched');
  for (let done = 0, round = 0; done < total; done += atOnce, round += 1) {
    const count = Math.min(atOnce, total - done);
    const victim = VICTIMS[round % VICTIMS.length];
    await killDuring({ victim, count, first: done + 1 });
  }
  const names = ['untouched', 'run-1', 'run-2'].slice(0, 1 + total);
  const changes = await killDuringDeploys(portal, {
    names,
    deploys,
    kills: Math.ceil(deploys / 10),
    random,
  });
  console.log(
    `backend: ${changes.killed} killed while ${deploys} changes were deployed`,
  );
  console.table(changes.states);
  failures.push(...changes.failures);
  await portal.stop();
  failures.push(...(await checkClean(portal)));
} catch (error) {
  failures.push(error.stack);
} finally {
  await portal.destroy();
}
report();
process.exit(failures.length === 0 ? 0 : 1);

async function wholeRun(name) {
  const run = await startRun(portal, { name, runtime: 'wat-wasi' });
  await finishRun(portal, run);
  failures.push(...(await checkRun(portal, run)));
}

/** Some runs, begun one after the other so that the kill finds each in another step. */
async function killDuring({ victim, count, first }) {
  const runs = [];
  const start = async () => {
    for (let number = first; number < first + count; number += 1) {
      const runtime = number % 10 === 0 ? 'js-wasi' : 'wat-wasi';
      runs.push(await startRun(portal, { name: `run-${number}`, runtime }));
      await pause(GAP_MS * random());
    }
  };
  let kills = 1;
  if (victim === 'build') {
    let over = false;
    const ended = start()
      .then(() => Promise.all(runs.map(run => waitForRun(portal, run))))
      .finally(() => {
        over = true;
      });
    kills = await killBuilds(portal.pid('backend'), {
      count,
      random,
      isOver: () => over,
    });
    await ended;
  } else {
    await start();
    // By step, not by the clock: so it hits on a quick machine as on a busy one.
    const run = runs[Math.floor(count * random())];
    await waitForStep(portal, run, STEPS[Math.floor(STEPS.length * random())]);
    await pause(GAP_MS * random());
    await portal.kill(victim);
    await portal.restart(victim);
  }
  console.log(`${victim}: ${kills} killed while ${count} templates ran`);
  await Promise.all(
    runs.map(async run => {
      const end = await finishRun(portal, run);
      const faults = await checkRun(portal, run);
      failures.push(...faults);
      outcomes.push({ victim, ...end });
      console.log(
        [
          `  ${run.name}`,
          end.step ? `${end.outcome} in ${end.step}` : end.outcome,
          ...end.reports.map(text => `reported: ${text}`),
          faults.length > 0 ? `FAULTS: ${faults.join('; ')}` : 'deployed once',
        ].join(' | '),
      );
    }),
  );
  await waitForEnd(portal.orphans());
}

function report() {
  const rows = {};
  for (const { outcome, victim } of outcomes) {
    rows[victim] ??= { runs: 0, untouched: 0, continued: 0, resumed: 0 };
    rows[victim].runs += 1;
    rows[victim][outcome] = (rows[victim][outcome] ?? 0) + 1;
  }
  console.table(rows);
  for (const failure of failures) {
    console.log(`FAILED ${failure}`);
  }
  // Each run, and that the killed start left nothing.
  const failed = failures.length;
  const passed = Math.max(0, outcomes.length + 1 - failed);
  if (process.env.WASI_KILL_REPORT) {
    writeFileSync(
      process.env.WASI_KILL_REPORT,
      JSON.stringify({ passed, failed, outcomes, failures }),
    );
  }
  console.log(`\n${passed} passed, ${failed} failed`);
}

function pause(milliseconds) {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
