import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import knexFactory, { type Knex } from 'knex';
// One for this and what runs before anything is installed.
// eslint-disable-next-line @backstage/no-relative-monorepo-imports
import {
  findPostgres,
  startPostgres,
} from '../../../../scripts/lib/startPostgres.mjs';

/** A PostgreSQL of a test. */
type Postgres = Awaited<ReturnType<typeof startPostgres>>;

// Real servers on a busy machine take their time.
jest.setTimeout(60_000);

/** A database that several backends can open. */
export interface TestDatabase {
  open(): Knex;
  /** The server of it, where there is one. */
  postgres?: Postgres;
}

class Opened implements TestDatabase {
  readonly postgres?: Postgres;
  readonly #config: Knex.Config;
  readonly #clients: Knex[] = [];

  constructor(config: Knex.Config, postgres?: Postgres) {
    this.#config = config;
    this.postgres = postgres;
  }

  open(): Knex {
    // A server that a test has ended is no news.
    const log = { warn() {}, error() {}, debug() {}, deprecate() {} };
    const client = knexFactory({ ...this.#config, log });
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map(client => client.destroy()));
  }
}

/**
 * Runs the tests of the plugin's database on SQLite and on a real PostgreSQL,
 * which is skipped where it is not installed.
 */
export function describeDatabases(
  title: string,
  tests: (database: () => TestDatabase) => void,
): void {
  describe(`${title}, on SQLite`, () => {
    let directory: string;
    let opened: Opened;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'wasi-sqlite-'));
      opened = new Opened({
        client: 'better-sqlite3',
        connection: { filename: join(directory, 'test.sqlite') },
        useNullAsDefault: true,
      });
    });
    afterEach(async () => {
      await opened.close();
      await rm(directory, { recursive: true, force: true });
    });

    tests(() => opened);
  });

  describePostgres(title, tests);
}

/** Runs tests on a real PostgreSQL alone. */
export function describePostgres(
  title: string,
  tests: (database: () => TestDatabase) => void,
): void {
  const programs = findPostgres();
  const describeWith = programs ? describe : describe.skip;
  describeWith(`${title}, on PostgreSQL (needs initdb and postgres)`, () => {
    let postgres: Postgres;
    let opened: Opened;

    beforeAll(async () => {
      postgres = await startPostgres(programs!);
    }, 60_000);
    beforeEach(async () => {
      opened = new Opened(
        {
          client: 'pg',
          connection: postgres.createDatabase(),
          useNullAsDefault: true,
        },
        postgres,
      );
    });
    afterEach(() => opened.close());
    afterAll(() => postgres?.stop());

    tests(() => opened);
  });
}
