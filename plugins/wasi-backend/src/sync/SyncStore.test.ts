import type { Knex } from 'knex';
import { describeDatabases } from '../__testUtils__/databases';
import { migrationsDirectory } from '../database/openDatabase';
import { SyncStore, type SyncRecord } from './SyncStore';

const record: SyncRecord = {
  entity: 'component:default/pay',
  environment: 'prod',
  ref: { cluster: 'eu-1', namespace: 'shop', name: 'pay' },
  mode: 'pull-request',
  state: 'failed',
  message: 'Zahlung “fehlgeschlagen” 💥',
  code: 'CLUSTER_BUSY',
  remedy: 'Wait.',
  source: { url: 'https://github.com/acme/pay', revision: 'abc' },
  drift: [{ path: 'spec.args', kind: 'changed', before: 'a', after: 'b' }],
  pullRequestUrl: 'https://github.com/acme/pay/pull/1',
  managedBy: 'argocd-controller',
  deployed: true,
  desiredHash: 'd'.repeat(64),
  proposedHash: 'p'.repeat(64),
  liveFingerprint: 'l'.repeat(64),
  inspected: {
    image: 'ghcr.io/acme/pay@sha256:aa',
    inspection: {
      kind: 'component',
      wasi: '0.2',
      size: 10,
      digest: 'sha256:bb',
      sections: [],
      imports: [],
      exports: [],
      producers: [],
      capabilities: [],
      entry: 'http',
    },
  },
  failures: 3,
  missingReads: 1,
  lastRunAt: '2026-11-21T12:00:00.000Z',
  nextRunAt: '2026-11-21T12:01:00.000Z',
};
const least: SyncRecord = {
  entity: 'component:default/pay',
  environment: 'default',
  ref: { cluster: '', namespace: '', name: 'pay' },
  mode: 'apply',
  state: 'unknown',
  message: '',
  source: { url: '' },
  drift: [],
  deployed: false,
  failures: 0,
  missingReads: 0,
};

describeDatabases('what is kept of deploys from the catalog', database => {
  let knex: Knex;
  let store: SyncStore;

  beforeEach(async () => {
    knex = database().open();
    await knex.migrate.latest({ directory: migrationsDirectory });
    store = new SyncStore(knex);
  });

  it('is read back as it was written, and replaced by what is written next', async () => {
    await store.save(least);
    await store.save({ ...least, environment: 'prod' });
    await store.save(record);

    expect(await store.of('component:default/pay')).toEqual(
      expect.arrayContaining([record, least]),
    );
    expect(await store.all()).toHaveLength(2);
    expect(await store.of('component:default/other')).toEqual([]);
    expect(await store.has(record.entity, record.ref)).toBe(true);
    expect(
      await store.has(record.entity, { ...record.ref, cluster: 'us-1' }),
    ).toBe(false);
  });

  it('is marked as looked at for hundreds at once, and removed one by one', async () => {
    const many = Array.from({ length: 250 }, (_, index) => ({
      ...least,
      entity: `component:default/f${index}`,
    }));
    for (const each of many) {
      await store.save(each);
    }
    await store.looked(many.slice(1), '2026-11-21T12:05:00.000Z');
    await store.setMissingReads(many[2], 2);
    await store.remove(many[3]);

    const all = await store.all();
    expect(all).toHaveLength(249);
    expect(
      all.filter(({ lastRunAt }) => lastRunAt === undefined),
    ).toMatchObject([{ entity: 'component:default/f0' }]);
    expect(all.filter(({ missingReads }) => missingReads > 0)).toMatchObject([
      { entity: 'component:default/f2', missingReads: 2 },
    ]);
  });

  it('keeps suspensions and requests of an entity apart', async () => {
    const entity = 'component:default/pay';
    const suspension = {
      by: 'user:default/jane',
      at: '2026-11-21T12:00:00.000Z',
      reason: 'black friday',
    };
    await store.request(entity, 'first');
    await store.suspend(entity, suspension);
    await store.request(entity, 'second');
    await store.requestDone(entity, 'first');

    expect(await store.suspension(entity)).toEqual(suspension);
    expect(await store.requests()).toEqual(new Map([[entity, 'second']]));

    await store.resume(entity, '2026-11-21T13:00:00.000Z');
    await store.requestDone(entity, 'second');
    expect(await store.suspension(entity)).toBeUndefined();
    expect(await store.resumedAt(entity)).toBe('2026-11-21T13:00:00.000Z');
    expect(await store.requests()).toEqual(new Map());
  });

  it('goes away with its tables when the plugin is taken back', async () => {
    await knex.migrate.rollback({ directory: migrationsDirectory }, true);

    expect(await knex.schema.hasTable('sync_state')).toBe(false);
    expect(await knex.schema.hasTable('sync_entities')).toBe(false);
  });
});
