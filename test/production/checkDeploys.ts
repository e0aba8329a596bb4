import assert from 'node:assert/strict';
import type { Checks } from './Checks';
import type { People } from './checkSignIn';
import { MODULE, runTemplate } from './runTemplate';
import { untilInCatalog } from './untilInCatalog';
import type { Surroundings } from './startSurroundings';

/** From the form to the cluster, into namespaces that deploy/rbac allows and no others. */
export async function checkDeploys(
  checks: Checks,
  { cluster, registryHost }: Surroundings,
  people: People,
): Promise<void> {
  const entity = `api/wasi/v1/entities/component/default/${MODULE}`;

  await checks.check(
    'the clusters are there, and as whom they are called',
    async () => {
      const info = await people.ask('api/wasi/v1/info');
      assert.deepEqual(
        info.clusters.map(({ name, identity, problem }: any) => ({
          name,
          kind: identity?.kind,
          problem,
        })),
        [{ name: 'production', kind: 'service-account', problem: undefined }],
      );
    },
  );
  await checks.check(
    'a template builds, pushes, deploys and registers',
    async () => {
      const task = await runTemplate(people, {
        name: MODULE,
        namespace: cluster.namespace,
        registry: `${registryHost}/functions`,
      });
      assert.equal(task.status, 'completed', task.log);
      const module = await cluster.module(MODULE);
      assert.match(
        module.spec.image,
        new RegExp(`^${registryHost}/functions/${MODULE}@sha256:[0-9a-f]{64}$`),
      );
    },
  );
  // The catalog reads what was registered in its own time.
  await untilInCatalog(people, `component/default/${MODULE}`);
  await checks.check(
    'the tab has the module, ready and without a problem',
    async () => {
      const { items, problems } = await people.ask(`${entity}/modules`);
      assert.deepEqual(problems, []);
      assert.deepEqual(
        items.map(({ ref, health }: any) => ({ ref, state: health.state })),
        [
          {
            ref: {
              cluster: 'production',
              namespace: cluster.namespace,
              name: MODULE,
            },
            state: 'ready',
          },
        ],
      );
    },
  );
  await checks.check('the module answers through the portal', async () => {
    const answer = await people.ask(
      `${entity}/modules/production/${cluster.namespace}/${MODULE}/invoke`,
      {},
    );
    assert.equal(answer.body, 'answered by the module\n');
  });
  await checks.check(
    'the history tells who deployed it from where',
    async () => {
      const { items } = await people.ask(`${entity}/deployments`);
      assert.deepEqual(
        items.map(({ action, actor, origin, state }: any) => ({
          action,
          actor,
          origin,
          state,
        })),
        [
          {
            action: 'create',
            actor: 'user:default/jane',
            origin: 'template',
            state: 'succeeded',
          },
        ],
      );
    },
  );
  await checks.check(
    'a namespace without a role of the portal refuses it',
    async () => {
      const task = await runTemplate(people, {
        name: 'stray',
        namespace: 'default',
        registry: `${registryHost}/functions`,
      });
      assert.equal(task.status, 'failed', task.log);
      assert.match(task.log, /system:serviceaccount:backstage:backstage/);
      assert.match(task.log, /namespace.*default/);
    },
  );
}
