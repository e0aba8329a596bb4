// A PostgreSQL of a test: on a socket in a folder of its own, gone after it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

// On Debian its programs are in a folder of their version, not on the PATH.
const DEBIAN = '/usr/lib/postgresql';
const USER = 'postgres';

/**
 * @typedef {{ host: string, port?: number, user: string, database: string }} Connection
 */

/**
 * Where the programs of PostgreSQL are; nothing where there are none.
 *
 * @returns {string | undefined}
 */
export function findPostgres() {
  const debian = versionsOf(DEBIAN).map(version =>
    join(DEBIAN, version, 'bin'),
  );
  return [...(process.env.PATH ?? '').split(delimiter), ...debian].find(
    directory =>
      ['initdb', 'postgres', 'createdb'].every(program =>
        isExecutable(join(directory, program)),
      ),
  );
}

/**
 * Starts a PostgreSQL.
 *
 * @param {string} programs as {@link findPostgres} has found them
 * @param {{ port?: number }} [options] `port`: of 127.0.0.1, for roles with passwords
 */
export async function startPostgres(programs, { port } = {}) {
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
  /** @param {string} program @param {string[]} args */
  const run = (program, args) => {
    const made = spawnSync(join(programs, program), args, {
      ...options,
      encoding: 'utf8',
    });
    if (made.status !== 0) {
      throw new Error(`${program}: ${made.stderr || made.error?.message}`);
    }
  };
  run('initdb', [
    ...['-D', data, '-U', USER, '-E', 'UTF8', '--no-sync'],
    ...['--auth-local=trust', '--auth-host=scram-sha-256'],
  ]);

  /** @type {import('node:child_process').ChildProcess | undefined} */
  let server;
  /** @param {NodeJS.Signals} signal */
  const end = async signal => {
    const ending = server;
    server = undefined;
    if (ending && ending.exitCode === null) {
      const exited = once(ending, 'exit');
      ending.kill(signal);
      await exited;
    }
  };
  const start = async () => {
    server = spawn(
      join(programs, 'postgres'),
      [
        ...['-D', data, '-k', directory],
        ...['-c', `listen_addresses=${port ? '127.0.0.1' : ''}`],
        ...(port ? ['-p', `${port}`] : []),
        ...['-c', 'fsync=off'],
      ],
      { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    await isReady(server);
  };
  await start();

  return {
    /**
     * Makes an empty database of its own.
     *
     * @returns {Connection}
     */
    createDatabase() {
      const database = `test_${Math.random().toString(36).slice(2)}`;
      run('createdb', [
        ...['-h', directory, '-U', USER],
        ...(port ? ['-p', `${port}`] : []),
        database,
      ]);
      return { host: directory, ...(port && { port }), user: USER, database };
    },
    /** Starts it again on the same data. */
    start,
    /** Ends it at once, as a crash does. */
    kill: () => end('SIGQUIT'),
    /** Ends it and removes its data. */
    async stop() {
      await end('SIGINT');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** @param {import('node:child_process').ChildProcess} server */
async function isReady(server) {
  /** @type {string[]} */
  const told = [];
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () =>
      reject(new Error(`postgres has ended: ${told.join('\n')}`)),
    );
    // Read on, so that it never waits for a reader.
    createInterface({ input: server.stderr }).on('line', line => {
      told.push(line);
      if (line.includes('ready to accept connections')) {
        resolve(undefined);
      }
    });
  });
}

/** @param {string} user */
function accountOf(user) {
  /** @param {string} flag */
  const id = flag =>
    Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout);
  const [uid, gid] = [id('-u'), id('-g')];
  if (!uid || !gid) {
    throw new Error(`PostgreSQL refuses root, and there is no user ${user}.`);
  }
  return { uid, gid };
}

/** @param {string} directory */
function versionsOf(directory) {
  try {
    return readdirSync(directory).sort((a, b) => Number(b) - Number(a));
  } catch {
    // Not Debian.
    return [];
  }
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not here.
    return false;
  }
}
