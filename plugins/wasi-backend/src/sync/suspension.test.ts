import {
  WasiError,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { DeploymentStore } from '../history/DeploymentStore';
import type { StoredDeployment } from '../history/types';
import {
  digestOf,
  entityOf,
  funcYaml,
  openMemoryDatabase,
  REPOSITORY,
  SyncUnderTest,
} from './__testUtils__/SyncUnderTest';

const FUNC_YAML = `${REPOSITORY}/func.yaml`;
const ref = { cluster: 'eu-1', namespace: 'shop', name: 'pay' };
const older = { spec: { args: ['an', 'earlier', 'one'] } };

describe('suspended deploys from the catalog', () => {
  let test: SyncUnderTest;

  beforeEach(async () => {
    test = new SyncUnderTest();
    await test.start();
    await test.run();
  });

  afterEach(() => test.stop());

  const rollBack = () => test.cluster.patch(ref, older);

  it('tell by whom, when and why, show the drift, and go on when resumed', async () => {
    const { control } = test.started!;
    const view = await control.suspend(test.entity(), {
      by: 'user:default/jane',
      reason: 'black friday',
    });
    expect(view.suspended).toEqual({
      by: 'user:default/jane',
      at: '2026-11-21T12:00:00.000Z',
      reason: 'black friday',
    });

    test.files.set(FUNC_YAML, funcYaml('run: { args: [new] }'));
    await test.runAfter(60);
    expect(test.writes).toHaveLength(1);
    expect(await test.target()).toMatchObject({
      state: 'drifted',
      message:
        'What runs differs from func.yaml; deploys are suspended by user:default/jane.',
      drift: [{ path: 'spec.args', kind: 'added', after: expect.any(String) }],
    });

    await resume(test);
    expect(test.writes).toHaveLength(2);
    expect((await test.view()).suspended).toBeUndefined();
  });

  it('are not what a redeploy asks for, and leave it as it is', async () => {
    await test.cluster.patch(ref, {
      spec: { env: [{ name: 'WASI_REDEPLOYED_AT', value: 'now' }] },
    });
    await test.runAfter(60);
    expect(test.writes).toHaveLength(1);
    expect((await test.target())?.drift).toEqual([]);

    test.files.set(FUNC_YAML, funcYaml('run: { args: [new] }'));
    await test.runAfter(60);
    expect(test.writes).toHaveLength(2);
    expect((await test.cluster.get(ref)).spec).toMatchObject({
      args: ['new'],
      env: [{ name: 'WASI_REDEPLOYED_AT', value: 'now' }],
    });
  });

  it('stay suspended when the backend starts anew', async () => {
    await test.stop();
    const database = await openMemoryDatabase();
    const before = await new SyncUnderTest().start(database);
    await before.started!.control.suspend(before.entity(), { by: 'jane' });
    await before.cache!.stop();

    const after = await new SyncUnderTest().start(database);
    await after.run();

    expect(after.writes).toEqual([]);
    expect((await after.view()).suspended).toMatchObject({ by: 'jane' });
    await after.stop();
  });

  it.each([
    { action: 'rollback', reason: /was rolled back by hand/ },
    { action: 'update', reason: /was changed by hand/ },
  ] as const)(
    'are what a $action by hand leaves, so that it is not undone',
    async ({ action, reason }) => {
      await test.byHand({ action, change: rollBack });
      await test.runAfter(60);
      await test.runAfter(60);

      expect((await test.cluster.get(ref)).spec.args).toEqual(older.spec.args);
      expect(await test.view()).toMatchObject({
        suspended: {
          by: 'user:default/jane',
          reason: expect.stringMatching(reason),
        },
        targets: [{ state: 'drifted' }],
      });
    },
  );

  it('are what a deletion by hand leaves', async () => {
    await test.byHand({
      action: 'delete',
      change: () => test.cluster.delete(ref),
    });
    while (test.cache!.get(ref)) {
      await new Promise(setImmediate);
    }
    await test.runAfter(60);

    await expect(test.cluster.get(ref)).rejects.toMatchObject({
      code: 'MODULE_NOT_FOUND',
    });
    expect((await test.view()).suspended?.reason).toMatch(
      /was deleted by hand/,
    );
  });

  it.each([
    { what: 'a redeploy', action: 'redeploy', origin: 'portal' },
    { what: 'a template that deploys', action: 'update', origin: 'template' },
  ] as const)('are not left by $what', async ({ action, origin }) => {
    await test.byHand({ action, origin, change: async () => {} });

    expect((await test.view()).suspended).toBeUndefined();
  });

  it('are what a template leaves that undeploys, unless it fails', async () => {
    const { deployments } = test.started!;
    const deletion = {
      entity: 'component:default/pay',
      ref,
      action: 'delete',
      origin: 'template',
      actor: 'user:default/jane',
    } as const;
    const { id } = await deployments.begin(deletion);
    deployments.leave(id);
    expect((await test.view()).suspended).toMatchObject({
      by: 'user:default/jane',
      reason: expect.stringMatching(/was deleted by hand/),
    });

    await deployments
      .adopt(id, deletion)
      .failed(new WasiError('CLUSTER_FORBIDDEN', { message: 'No.' }));
    expect((await test.view()).suspended).toBeUndefined();
  });

  it('are left by a change of which nobody knows whether it was made', async () => {
    await test.byHand({
      action: 'rollback',
      fail: 'CLUSTER_UNREACHABLE',
      change: rollBack,
    });

    expect((await test.view()).suspended).toBeDefined();
  });

  it('are not left by a change that failed', async () => {
    await test.byHand({
      action: 'rollback',
      fail: 'MODULE_CONFLICT',
      change: rollBack,
    });

    expect((await test.view()).suspended).toBeUndefined();
  });

  it('keep the reason that somebody gave before', async () => {
    await test.started!.control.suspend(test.entity(), {
      by: 'user:default/ann',
    });
    await test.byHand({
      action: 'rollback',
      fail: 'MODULE_CONFLICT',
      change: rollBack,
    });
    await test.byHand({ action: 'rollback', change: rollBack });

    expect((await test.view()).suspended).toEqual({
      by: 'user:default/ann',
      at: '2026-11-21T12:00:00.000Z',
    });
  });

  describe('while the database does not answer', () => {
    const ask = (action: 'update' | 'delete') => {
      const change = jest.fn(async () => {});
      return { change, done: test.byHand({ action, change }) };
    };

    beforeEach(async () => {
      await test.knex!.schema.renameTable('sync_state', 'away');
    });
    afterEach(async () => {
      await test.knex!.schema.renameTable('away', 'sync_state');
    });

    it('are asked for in vain, so that nothing is changed', async () => {
      const { change, done } = ask('update');

      await expect(done).rejects.toMatchObject({ code: 'HISTORY_UNAVAILABLE' });
      expect(change).not.toHaveBeenCalled();
    });

    it('do not keep a module from being deleted', async () => {
      const { change, done } = ask('delete');
      await done;

      expect(change).toHaveBeenCalled();
      expect(test.log.at(-1)).toMatch(/^warn: .*may make shop\/pay again/);
    });
  });

  it('win over a deploy that is under way at that moment', async () => {
    test.files.set(FUNC_YAML, funcYaml('run: { args: [new] }'));
    const { cluster } = test;
    // The deploy has looked and found nothing suspended; then somebody rolls back.
    const apply = jest.spyOn(cluster, 'get');
    let gets = 0;
    const get = Object.getPrototypeOf(cluster).get.bind(cluster);
    apply.mockImplementation(async (...args) => {
      gets += 1;
      const answer = await get(...args);
      if (gets === 3) {
        await test.byHand({ action: 'rollback', change: rollBack });
      }
      return answer;
    });

    await test.runAfter(60);

    expect(gets).toBeGreaterThanOrEqual(3);
    expect((await get(ref)).spec.args).toEqual(older.spec.args);
    expect(await test.target()).toMatchObject({
      state: 'failed',
      code: 'MODULE_CONFLICT',
    });
    apply.mockRestore();
    await test.runAfter(60);
    expect((await test.cluster.get(ref)).spec.args).toEqual(older.spec.args);
  });

  it('need an entity that asks for deploys', async () => {
    const plain = entityOf('pay', {
      'wasm.serving.knative.dev/auto-deploy': 'false',
    });

    await expect(
      test.started!.control.suspend(plain, { by: 'jane' }),
    ).rejects.toMatchObject({ code: 'SYNC_NOT_ASKED' });
  });

  describe('after a change that was made before the first look', () => {
    let store: DeploymentStore;
    let fresh: SyncUnderTest;

    beforeEach(async () => {
      fresh = new SyncUnderTest();
      await fresh.start();
      store = new DeploymentStore(fresh.knex!);
      // Such as a template makes it, before the entity is in the catalog.
      const module = await fresh.cluster.apply(
        {
          apiVersion: 'wasm.serving.knative.dev/v1alpha1',
          kind: 'WasmModule',
          metadata: {
            ...{ name: 'pay', namespace: 'shop' },
            annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
          },
          spec: { image: `ghcr.io/acme/pay@${digestOf('one')}` },
        },
        { fieldManager: 'backstage-wasi:component:default/pay' },
      );
      fresh.apply.mockClear();
      await written({ action: 'create', origin: 'template' }, module);
    });

    afterEach(() => fresh.stop());

    let rows = 0;
    async function written(
      row: Pick<StoredDeployment, 'action' | 'origin'> &
        Partial<StoredDeployment>,
      module?: WasmModule,
    ) {
      rows += 1;
      const at = new Date(
        Date.parse('2026-11-21T11:00:00Z') + rows * 1000,
      ).toISOString();
      await store.insert({
        id: String(rows),
        entity: 'component:default/pay',
        ref,
        actor: 'user:default/jane',
        state: 'succeeded',
        image: 'an-image',
        uid: module?.metadata.uid,
        generation: module?.metadata.generation,
        beat: 0,
        startedAt: at,
        appliedAt: at,
        ...row,
      });
    }
    const change = () => fresh.cluster.patch(ref, older);

    it.each([
      { action: 'update', origin: 'portal', reason: /changed by hand/ },
      { action: 'update', origin: 'api', reason: /changed by hand/ },
      { action: 'rollback', origin: 'mcp', reason: /rolled back by hand/ },
    ] as const)(
      'are left by a $action over $origin, until somebody resumes',
      async ({ reason, ...row }) => {
        await written(row, await change());
        await fresh.run();
        await fresh.runAfter(60);

        expect(fresh.writes).toEqual([]);
        expect(await fresh.view()).toMatchObject({
          suspended: {
            by: 'user:default/jane',
            at: '2026-11-21T12:00:00.000Z',
            reason: expect.stringMatching(reason),
          },
          targets: [{ state: 'drifted' }],
        });

        await resume(fresh);
        expect(fresh.writes).toEqual(['shop/pay']);
      },
    );

    it('are left also where the deploys were switched off meanwhile', async () => {
      await fresh.run();
      expect(fresh.writes).toEqual(['shop/pay']);
      await written({ action: 'update', origin: 'portal' }, await change());
      await fresh.runAfter(60);

      expect((await fresh.view()).suspended).toBeDefined();
      expect(fresh.writes).toEqual(['shop/pay']);
    });

    it('are not left where somebody has resumed since', async () => {
      await fresh.run();
      await written({ action: 'update', origin: 'portal' }, await change());
      await resume(fresh);

      expect((await fresh.view()).suspended).toBeUndefined();
      expect(fresh.writes).toEqual(['shop/pay', 'shop/pay']);
    });

    it('are left by a deletion', async () => {
      await fresh.cluster.delete(ref);
      await written({ action: 'delete', origin: 'template' });
      await fresh.run();

      expect((await fresh.view()).suspended?.reason).toMatch(/deleted by hand/);
      expect(fresh.writes).toEqual([]);
    });

    it('are left by kubectl that took away a field, which no field manager tells', async () => {
      await written(
        { action: 'update', origin: 'cluster', actor: 'kubectl-edit' },
        await change(),
      );
      await fresh.run();

      expect((await fresh.view()).suspended).toMatchObject({
        by: 'kubectl-edit',
      });
      expect(fresh.writes).toEqual([]);
    });

    it('are left by a field manager that the history does not have yet', async () => {
      await fresh.cluster.patch(ref, {
        ...older,
        metadata: {
          managedFields: [
            {
              manager: 'kubectl-edit',
              operation: 'Update',
              time: '2026-11-21T11:30:00Z',
            },
          ],
        },
      });
      while (fresh.cache!.get(ref)?.changedBy !== 'kubectl-edit') {
        await new Promise(setImmediate);
      }
      await fresh.run();

      expect((await fresh.view()).suspended).toMatchObject({
        by: 'kubectl-edit',
      });
    });

    it.each([
      { what: 'a template', row: { action: 'update', origin: 'template' } },
      { what: 'a redeploy', row: { action: 'redeploy', origin: 'portal' } },
      {
        what: 'a deploy that the history had missed',
        row: {
          action: 'update',
          origin: 'cluster',
          actor: 'backstage-wasi:component:default/pay',
        },
      },
    ] as const)('are not left by $what', async ({ row }) => {
      await written(row, await change());
      await fresh.run();

      expect((await fresh.view()).suspended).toBeUndefined();
      expect(fresh.writes).toEqual(['shop/pay']);
    });

    it('wait for a change of which nobody knows yet how it ends', async () => {
      await written({
        action: 'update',
        origin: 'template',
        state: 'running',
        appliedAt: undefined,
      });
      await fresh.run();
      expect(await fresh.target()).toMatchObject({
        state: 'progressing',
        message:
          'A change by user:default/jane is on its way; func.yaml is looked at again after it.',
      });
      expect(fresh.writes).toEqual([]);

      await fresh.knex!('deployments').update({ state: 'failed' });
      await fresh.runAfter(60);
      expect(fresh.writes).toEqual(['shop/pay']);
    });
  });
});

/** Resumes, and waits for the run that it starts. */
async function resume(test: SyncUnderTest): Promise<void> {
  const run = jest.spyOn(test.scheduler, 'triggerTask');
  await test.started!.control.resume(test.entity());
  await run.mock.results[0].value;
}
