import { migrationsDirectory } from '../database/openDatabase';
import { describeDatabases } from '../__testUtils__/databases';
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

  it('can be run by two backends that start at once', async () => {
    const [one, two] = [database().open(), database().open()];

    await Promise.allSettled(
      [one, two].map(knex => knex.migrate.latest({ directory })),
    );
    // The one that came second is told to try again, as at the next start.
    await two.migrate.latest({ directory });

    await expect(new DeploymentStore(two).running()).resolves.toEqual([]);
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
