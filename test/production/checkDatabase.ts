import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../bench/programs';
import type { Checks } from './Checks';
import type { People } from './checkSignIn';
import { MODULE } from './runTemplate';
import type { Surroundings } from './startSurroundings';

/** A secret-looking value, which the database holds encrypted alone. */
const VALUE = 'hunter2-is-not-for-the-database';

/** What lies in PostgreSQL afterwards. */
export async function checkDatabase(
  checks: Checks,
  { cluster, database, databases }: Surroundings,
  people: People,
): Promise<void> {
  const wasi = database('wasi');
  await checks.check(
    'each plugin made a database, by a role of few rights',
    async () => {
      assert.deepEqual(await databases(), [
        'backstage_plugin_app',
        'backstage_plugin_auth',
        'backstage_plugin_catalog',
        'backstage_plugin_mcp-actions',
        'backstage_plugin_permission',
        'backstage_plugin_scaffolder',
        'backstage_plugin_signals',
        'backstage_plugin_wasi',
      ]);
    },
  );
  await checks.check('every migration of the plugin ran', async () => {
    assert.deepEqual(
      await wasi('knex_migrations').orderBy('id').pluck('name'),
      (await readdir(join(root, 'plugins/wasi-backend/migrations'))).sort(),
    );
  });
  await checks.check('a secret value is kept, and not readable', async () => {
    const modules = `api/wasi/v1/entities/component/default/${MODULE}/modules`;
    const { items } = await people.ask(modules);
    const { spec } = items[0].module;
    await cluster.patch(MODULE, {
      spec: { env: [...(spec.env ?? []), { name: 'API_TOKEN', value: VALUE }] },
    });
    let row;
    do {
      row = await wasi('deployments')
        .where({ name: MODULE })
        .whereNotNull('secrets')
        .first();
    } while (!row);
    assert.match(row.manifest, /API_TOKEN/);
    assert.ok(!JSON.stringify(row).includes(VALUE));
  });
}
