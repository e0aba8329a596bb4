import type { Knex } from 'knex';
import type { HistoryConfig } from './readHistoryConfig';

const TABLE = 'deployments';
const DAY_MS = 24 * 60 * 60 * 1000;
// A statement must not hold the table for long.
const BATCH = 500;

/**
 * Removes what is older or more than is kept. Nothing that runs, and never the
 * last change of a module: what is known of it would be taken for new.
 *
 * @internal
 */
export class HistoryCleanup {
  readonly #knex: Knex;
  readonly #config: HistoryConfig;
  readonly #now: () => Date;

  constructor(options: { knex: Knex; config: HistoryConfig; now: () => Date }) {
    this.#knex = options.knex;
    this.#config = options.config;
    this.#now = options.now;
  }

  /** Answers with how many rows it has removed. */
  async run(signal?: AbortSignal): Promise<number> {
    let removed = 0;
    for (;;) {
      const ids = await this.#surplus();
      if (ids.length === 0 || signal?.aborted) {
        return removed;
      }
      removed += await this.#knex(TABLE).whereIn('id', ids).delete();
    }
  }

  async #surplus(): Promise<string[]> {
    const { retentionDays, maxPerModule } = this.#config;
    const oldest = new Date(this.#now().getTime() - retentionDays * DAY_MS);
    const ranked = this.#knex(TABLE)
      .select('id', 'state', 'action', 'started_at')
      .rowNumber('place', rows =>
        rows
          .partitionBy(['cluster', 'namespace', 'name'])
          .orderBy('started_at', 'desc')
          .orderBy('id', 'desc'),
      );
    const rows: { id: string }[] = await this.#knex
      .with('ranked', ranked)
      .from('ranked')
      .whereNot('state', 'running')
      .andWhere(row =>
        row
          .where('place', '>', maxPerModule)
          .orWhere(old =>
            old
              .where('started_at', '<', oldest)
              .andWhere(row2 =>
                row2.where('place', '>', 1).orWhere('action', 'delete'),
              ),
          ),
      )
      .select('id')
      .limit(BATCH);
    return rows.map(({ id }) => id);
  }
}
