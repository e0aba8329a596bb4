import { randomUUID } from 'node:crypto';
import { describeDatabases } from '../__testUtils__/databases';
import { migrationsDirectory } from '../database/openDatabase';
import { DeploymentStore } from './DeploymentStore';
import { HistoryCleanup } from './HistoryCleanup';
import type { StoredDeployment } from './types';

const NOW = new Date('2026-03-01T00:00:00Z');

function deployment(
  name: string,
  daysAgo: number,
  other: Partial<StoredDeployment> = {},
): StoredDeployment {
  const startedAt = new Date(NOW.getTime() - daysAgo * 86_400_000);
  return {
    id: randomUUID(),
    entity: 'component:default/pay',
    ref: { cluster: 'prod', namespace: 'shop', name },
    action: 'update',
    origin: 'portal',
    actor: 'user:default/jane',
    state: 'succeeded',
    image: `localhost:5000/pay:${daysAgo}`,
    beat: 0,
    startedAt: startedAt.toISOString(),
    ...other,
  };
}

describeDatabases('the clean-up of the history', database => {
  it('removes what is older or more than is kept, and leaves what is needed', async () => {
    const knex = database().open();
    await knex.migrate.latest({ directory: migrationsDirectory });
    const store = new DeploymentStore(knex);
    await store.insertAll([
      ...[100, 50, 20, 10].map(days => deployment('old', days)),
      ...[5, 4, 3, 2, 1].map(days => deployment('busy', days)),
      deployment('idle', 200),
      deployment('gone', 200),
      deployment('gone', 100, { action: 'delete' }),
      deployment('late', 200, { state: 'running' }),
      deployment('late', 1),
    ]);
    const cleanup = new HistoryCleanup({
      knex,
      config: { retentionDays: 30, maxPerModule: 3, encryptionKeys: [] },
      now: () => NOW,
    });

    await expect(cleanup.run()).resolves.toBe(6);

    const kept = await store.list({
      entity: 'component:default/pay',
      ref: {},
      limit: 100,
    });
    expect(
      kept.map(({ ref, image }) => `${ref.name}:${image.split(':')[2]}`).sort(),
    ).toEqual([
      'busy:1',
      'busy:2',
      'busy:3',
      'idle:200',
      'late:1',
      'late:200',
      'old:10',
      'old:20',
    ]);
    await expect(cleanup.run()).resolves.toBe(0);
  });
});
