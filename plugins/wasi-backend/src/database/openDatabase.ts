import {
  resolvePackagePath,
  type DatabaseService,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { migrateDatabase } from './migrateDatabase';

/** Where the migrations of the plugin are. @internal */
export const migrationsDirectory = resolvePackagePath(
  '@wasi-functions/backstage-plugin-wasi-backend',
  'migrations',
);

/**
 * The plugin's own database, with the tables of this version.
 *
 * @internal
 */
export async function openDatabase(database: DatabaseService): Promise<Knex> {
  const client = await database.getClient();
  if (!database.migrations?.skip) {
    await migrateDatabase(client, { directory: migrationsDirectory });
  }
  return client;
}
