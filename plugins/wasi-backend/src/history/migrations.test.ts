import { migrateDatabase } from '../database/migrateDatabase';
import { migrationsDirectory } from '../database/openDatabase';
import {
  describeDatabases,
  describePostgres,
} from '../__testUtils__/databases';
import { DeploymentStore } from './DeploymentStore';
import type { StoredDeployment } from './types';

const deployment: StoredDeployment = {
  id: 'd1',
  entity: 'component:default/pay',
  ref: { cluster: 'prod', namespace: 'shop', name: 'pay' },
  action: 'update',
  origin: 'template',
  actor: 'user:default/jane',
  state: 'running',
  image: `localhost:5000/pay@sha256:${'a'.repeat(64)}`,
  digest: `sha256:${'a'.repeat(64)}`,
  size: 5_000_000_000,
  base: { uid: 'u', generation: 2 },
  manifest: '{}',
  onceKey: 'told:1',
  backend: 'b1',
  beat: 0,
  startedAt: '2026-01-02T03:04:05.678Z',
};

describeDatabases('the migrations', database => {
  const directory = migrationsDirectory;

  it('go up, down and up again, and rows come back as they were written', async () => {
    const knex = database().open();
    await knex.migrate.latest({ directory });
    const store = new DeploymentStore(knex);

    await expect(store.insert(deployment)).resolves.toBe(true);
    await expect(store.get('d1')).resolves.toEqual(deployment);

    await knex.migrate.rollback({ directory }, true);
    await expect(knex.schema.hasTable('deployments')).resolves.toBe(false);

    await knex.migrate.latest({ directory });
    await expect(store.get('d1')).resolves.toBeUndefined();
    await expect(store.insert(deployment)).resolves.toBe(true);
  });

  it('can be run by several backends that start at once', async () => {
    const all = [1, 2, 3, 4].map(() => database().open());

    await Promise.all(all.map(knex => migrateDatabase(knex, { directory })));

    for (const knex of all) {
      await expect(new DeploymentStore(knex).running()).resolves.toEqual([]);
    }
    await expect(all[0]('knex_migrations_lock').select()).resolves.toEqual([
      { index: 1, is_locked: 0 },
    ]);
  });

  it('tell of a lock that a backend has left, and how to free it', async () => {
    const knex = database().open();
    await migrateDatabase(knex, { directory });
    await knex('knex_migrations_lock').update({ is_locked: 1 });

    await expect(
      migrateDatabase(knex, { directory, timeoutMs: 1 }),
    ).rejects.toMatchObject({
      code: 'DATABASE_LOCKED',
      message: expect.stringContaining('no backend works on them'),
      remedy: expect.stringContaining(
        'update knex_migrations_lock set is_locked = 0',
      ),
    });

    await knex('knex_migrations_lock').update({ is_locked: 0 });
    await migrateDatabase(knex, { directory });
  });

  it('keep a second report of one change from being a second row', async () => {
    const knex = database().open();
    await knex.migrate.latest({ directory });
    const store = new DeploymentStore(knex);

    const inserted = await Promise.all(
      ['d1', 'd2', 'd3'].map(id => store.insert({ ...deployment, id })),
    );

    expect(inserted.filter(Boolean)).toHaveLength(1);
    await expect(store.running()).resolves.toHaveLength(1);
  });
});

describePostgres('the migrations', database => {
  const directory = migrationsDirectory;

  it('wait for the backend that makes the tables, but not for ever', async () => {
    const [busy, waiting] = [database().open(), database().open()];
    const held = await busy.transaction();
    await held.raw(
      "select pg_advisory_xact_lock(hashtext('wasi migrations'), hashtext(current_schema()))",
    );

    await expect(
      migrateDatabase(waiting, { directory, timeoutMs: 50 }),
    ).rejects.toMatchObject({
      code: 'DATABASE_LOCKED',
      message: expect.stringContaining('another backend has held them'),
    });
    await expect(waiting.schema.hasTable('deployments')).resolves.toBe(false);

    const made = migrateDatabase(waiting, { directory });
    await held.commit();
    await made;
    await expect(waiting.schema.hasTable('deployments')).resolves.toBe(true);
  });

  it('leave nothing behind where a backend is killed in the middle of them', async () => {
    const [killed, next] = [database().open(), database().open()];
    const dead = await killed.transaction();
    await dead.raw(
      "select pg_advisory_xact_lock(hashtext('wasi migrations'), hashtext(current_schema()))",
    );
    await dead.migrate.up({ directory });
    const { rows } = await dead.raw('select pg_backend_pid() as pid');
    const made = migrateDatabase(next, { directory });
    await database()
      .open()
      .raw('select pg_terminate_backend(?)', [rows[0].pid]);

    await made;
    await dead.rollback().catch(() => {});
    await expect(new DeploymentStore(next).running()).resolves.toEqual([]);
  });
});
