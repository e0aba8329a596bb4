import { join, resolve } from 'node:path';
import { startChild } from './children.mjs';
import { root } from './root.mjs';
import { UserError } from './UserError.mjs';

/** Where toolchains lie: `WASI_TOOLCHAINS_DIRECTORY`, else `.toolchains` of the repository. */
export function toolchainsDirectory() {
  return resolve(
    process.env.WASI_TOOLCHAINS_DIRECTORY ?? join(root, '.toolchains'),
  );
}

/** Installs the toolchains that functions are built with, unless they are there. */
export async function ensureToolchains({
  log = console.log,
  logDirectory = join(root, '.local', 'logs'),
} = {}) {
  // A child, so that Ctrl-C ends npm and what npm started, too.
  const child = startChild({
    command: process.execPath,
    args: [join(root, 'scripts/install-toolchains.mjs'), toolchainsDirectory()],
    cwd: root,
    env: process.env,
    logFile: join(logDirectory, 'toolchains.log'),
    onLine: line => {
      if (line.startsWith('Install')) {
        log(line);
      }
    },
  });
  if ((await child.exited) !== 0) {
    throw new UserError(child.tail().join('\n'));
  }
}
