import { setTimeout as delay } from 'node:timers/promises';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Knex } from 'knex';

const TIMEOUT_MS = 60_000;
const TRY_AGAIN_MS = 200;
const LOCK_TABLE = 'knex_migrations_lock';

/**
 * Makes the tables of this version; of several backends that start at once one
 * does, and the others wait for it.
 *
 * knex itself fails all but one of them, and may leave a lock that nobody holds.
 *
 * @throws WasiError DATABASE_LOCKED
 * @internal
 */
export async function migrateDatabase(
  knex: Knex,
  options: { directory: string; timeoutMs?: number },
): Promise<void> {
  const { directory, timeoutMs = TIMEOUT_MS } = options;
  if (knex.client.dialect === 'postgresql') {
    await migratePostgres(knex, { directory, timeoutMs });
  } else {
    await migrateOther(knex, { directory, timeoutMs });
  }
}

/** The lock ends with the connection, so that none is left by who is killed. */
async function migratePostgres(
  knex: Knex,
  { directory, timeoutMs }: { directory: string; timeoutMs: number },
): Promise<void> {
  await knex.transaction(async transaction => {
    await transaction.raw(`set local lock_timeout = ${Math.ceil(timeoutMs)}`);
    try {
      await transaction.raw(
        "select pg_advisory_xact_lock(hashtext('wasi migrations'), hashtext(current_schema()))",
      );
    } catch (error) {
      throw (error as { code?: string }).code === '55P03'
        ? locked(
            `another backend has held them for more than ${timeoutMs / 1000} s`,
            'Look in pg_locks for the advisory lock and its pid, and end that backend; then start this one again.',
            error,
          )
        : error;
    }
    await transaction.raw('set local lock_timeout to default');
    try {
      await transaction.migrate.latest({ directory });
    } catch (error) {
      // Nobody else is at it.
      throw isLockOfKnex(error) ? stale(error) : error;
    }
  });
}

async function migrateOther(
  knex: Knex,
  { directory, timeoutMs }: { directory: string; timeoutMs: number },
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      await knex.migrate.latest({ directory });
      return;
    } catch (error) {
      if (!isLockOfKnex(error) && !isRace(error)) {
        throw error;
      }
      if (performance.now() > deadline) {
        throw isLockOfKnex(error) ? stale(error) : error;
      }
    }
    await delay(TRY_AGAIN_MS);
  }
}

function isLockOfKnex(error: unknown): boolean {
  return (error as Error).name === 'MigrationLocked';
}

/** What knex does not lock: making its own tables. */
function isRace(error: unknown): boolean {
  const { code, message } = error as Error & { code?: string };
  return (
    code?.startsWith('SQLITE_BUSY') === true || /already exists/.test(message)
  );
}

function stale(cause: unknown): WasiError {
  return locked(
    'they are marked as locked, and no backend works on them: one was ended while it did',
    `Stop all backends, run \`update ${LOCK_TABLE} set is_locked = 0\` in the database of the plugin wasi, and start them again.`,
    cause,
  );
}

function locked(why: string, remedy: string, cause: unknown): WasiError {
  return new WasiError('DATABASE_LOCKED', {
    message: `The tables of the plugin wasi could not be made: ${why}.`,
    remedy,
    cause,
  });
}
