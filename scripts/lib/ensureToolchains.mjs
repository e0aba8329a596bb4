import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { startChild } from './children.mjs';
import { root } from './root.mjs';
import { UserError } from './UserError.mjs';

/** Beside jco: what the tests of the other runtimes build with. */
const MORE = ['python', 'clang', 'rust', 'swift'];

/** Where toolchains lie: `WASI_TOOLCHAINS_DIRECTORY`, else `.toolchains` of the repository. */
export function toolchainsDirectory() {
  return resolve(
    process.env.WASI_TOOLCHAINS_DIRECTORY ?? join(root, '.toolchains'),
  );
}

/** Installs the toolchain that functions of the portal are built with, unless it is there. */
export async function ensureToolchains({
  log = console.log,
  logDirectory = join(root, '.local', 'logs'),
} = {}) {
  const failure = await install(['jco'], { log, logDirectory });
  if (failure) {
    throw new UserError(failure);
  }
}

/**
 * Installs what the tests build with: in CI on Linux all that can be had, to a cache
 * that later runs find; on a laptop jco alone.
 *
 * @returns {Promise<string[]>} What is missing, one sentence each.
 */
export async function ensureTestToolchains({
  log = console.log,
  logDirectory = join(root, '.local', 'logs'),
} = {}) {
  if (
    !process.env.CI ||
    `${process.platform} ${process.arch}` !== 'linux x64'
  ) {
    await ensureToolchains({ log, logDirectory });
    return [];
  }
  // The tests look there, too.
  process.env.WASI_TOOLCHAINS_DIRECTORY ??= join(
    process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
    'wasi-functions',
    'toolchains',
  );
  await ensureToolchains({ log, logDirectory });
  const missing = [];
  for (const name of MORE) {
    const failure = await install([name], { log, logDirectory });
    if (failure) {
      missing.push(failure.split('\n', 1)[0]);
    }
  }
  return missing;
}

/** Answers what went wrong. */
async function install(names, { log, logDirectory }) {
  // A child, so that Ctrl-C ends npm and what npm started, too.
  const child = startChild({
    command: process.execPath,
    args: [
      join(root, 'scripts/install-toolchains.mjs'),
      toolchainsDirectory(),
      ...names,
    ],
    cwd: root,
    env: process.env,
    logFile: join(logDirectory, 'toolchains.log'),
    onLine: line => {
      if (line.startsWith('Install')) {
        log(line);
      }
    },
  });
  return (await child.exited) === 0 ? undefined : child.tail().join('\n');
}
