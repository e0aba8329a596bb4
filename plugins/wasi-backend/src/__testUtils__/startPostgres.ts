import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import knexFactory, { type Knex } from 'knex';

const DEBIAN = '/usr/lib/postgresql';
const USER = 'postgres';

/** A PostgreSQL of a test. */
export interface Postgres {
  /** An empty database of its own. */
  createDatabase(): Promise<Knex.Config>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Where the programs of PostgreSQL are; nothing where there are none. */
export function findPostgres(): string | undefined {
  const debian = versionsOf(DEBIAN).map(version =>
    join(DEBIAN, version, 'bin'),
  );
  return [...(process.env.PATH ?? '').split(delimiter), ...debian].find(
    directory =>
      isExecutable(join(directory, 'initdb')) &&
      isExecutable(join(directory, 'postgres')),
  );
}

/** Starts a PostgreSQL of its own on a socket in a folder of its own. */
export async function startPostgres(programs: string): Promise<Postgres> {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-pg-'));
  // It refuses to run as root.
  const account = process.getuid?.() === 0 ? accountOf(USER) : undefined;
  if (account) {
    chownSync(directory, account.uid, account.gid);
  }
  const data = join(directory, 'data');
  const options = {
    ...account,
    cwd: directory,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  };
  const made = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    { ...options, encoding: 'utf8' },
  );
  if (made.status !== 0) {
    throw new Error(`initdb failed: ${made.stderr || made.error?.message}`);
  }

  let server: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals) => {
    const ending = server;
    server = undefined;
    if (ending && ending.exitCode === null) {
      const exited = once(ending, 'exit');
      ending.kill(signal);
      await exited;
    }
  };
  const config = (database: string): Knex.Config => ({
    client: 'pg',
    connection: { host: directory, user: USER, database },
    useNullAsDefault: true,
  });

  const postgres: Postgres = {
    async createDatabase() {
      const name = `test_${Math.random().toString(36).slice(2)}`;
      const admin = knexFactory(config(USER));
      await admin.raw('create database ??', [name]);
      await admin.destroy();
      return config(name);
    },
    async start() {
      server = spawn(
        join(programs, 'postgres'),
        [
          '-D',
          data,
          '-k',
          directory,
          '-c',
          'listen_addresses=',
          '-c',
          'fsync=off',
        ],
        { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
      );
      await isReady(server);
    },
    kill: () => end('SIGQUIT'),
    async stop() {
      await end('SIGINT');
      await rm(directory, { recursive: true, force: true });
    },
  };
  await postgres.start();
  return postgres;
}

async function isReady(server: ChildProcess): Promise<void> {
  const told: string[] = [];
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () =>
      reject(new Error(`postgres has ended: ${told.join('\n')}`)),
    );
    // Read on, so that it never waits for a reader.
    createInterface({ input: server.stderr! }).on('line', line => {
      told.push(line);
      if (line.includes('ready to accept connections')) {
        resolve();
      }
    });
  });
}

function accountOf(user: string): { uid: number; gid: number } {
  const id = (flag: string) =>
    Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout);
  const [uid, gid] = [id('-u'), id('-g')];
  if (!uid || !gid) {
    throw new Error(`PostgreSQL refuses root, and there is no user ${user}.`);
  }
  return { uid, gid };
}

function versionsOf(directory: string): string[] {
  try {
    return readdirSync(directory).sort((a, b) => Number(b) - Number(a));
  } catch {
    // Not Debian.
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not here.
    return false;
  }
}
