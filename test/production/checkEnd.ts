import assert from 'node:assert/strict';
import type { Checks } from './Checks';
import type { People } from './checkSignIn';
import type { Portal } from './Portal';
import { MODULE, startTemplate, templateEnd } from './runTemplate';
import type { Surroundings } from './startSurroundings';

/** Less than the 30 s that Kubernetes gives a pod. */
const END_MS = 25_000;

/** A portal that is told to end does, whatever it was at; the next one goes on. */
export async function checkEnd(
  checks: Checks,
  portal: Portal,
  { cluster, connections, registryHost, secrets }: Surroundings,
  people: People,
): Promise<void> {
  const history = `api/wasi/v1/entities/component/default/${MODULE}/deployments`;
  const settled = async () => {
    for (;;) {
      const answer = await people.ask(history);
      if (answer.items.every(({ state }: any) => state !== 'running')) {
        return answer;
      }
    }
  };
  const before = await settled();
  const run = await startTemplate(people, {
    name: 'in-between',
    namespace: cluster.namespace,
    registry: `${registryHost}/functions`,
  });
  await checks.check('told to end, it ends, and leaves nothing', async () => {
    await building(people, run);
    const { exitCode, left, ms } = await portal.terminate();
    assert.ok(ms < END_MS, `${ms} ms`);
    assert.equal(exitCode, 0);
    assert.deepEqual(left, []);
    assert.equal(await connections(), 0);
  });
  await portal.start();
  await checks.check('who was signed in still is', () => people.renew());
  await checks.check('the history is what it was', async () => {
    assert.deepEqual(await people.ask(history), before);
  });
  await checks.check(
    'the run that was cut off goes on, and ends well',
    async () => {
      const task = await templateEnd(people, run);
      assert.equal(task.status, 'completed', task.log);
      assert.ok(await cluster.module('in-between'));
    },
  );
  await checks.check('no log line holds a secret', async () => {
    const { log } = portal;
    assert.match(log, /Plugin initialization complete/);
    for (const secret of secrets) {
      assert.ok(!log.includes(secret));
    }
  });
}

/** Until a run has begun to build. */
async function building(people: People, id: string): Promise<void> {
  for (;;) {
    const events = await people.ask(`api/scaffolder/v2/tasks/${id}/events`);
    if (events.some(({ body }: any) => body.stepId === 'build')) {
      return;
    }
    await new Promise(done => setTimeout(done, 50));
  }
}
