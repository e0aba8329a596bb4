// Programs of others that some tests are held against. Where a cache of this user has them, the
// tests find them; what the cache lacks is built in CI, and there alone: it takes minutes.
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { startChild } from './children.mjs';
import { root } from './root.mjs';

const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'wasi-functions',
);

/** Where scripts/install-envtest.mjs puts a set of servers: `kubernetes` or `knative`. */
export function testServersDirectory(set) {
  return join(
    resolve(process.env.WASI_ENVTEST_DIRECTORY ?? join(cache, 'envtest')),
    ...(set === 'kubernetes' ? [] : [set]),
  );
}

/** Names the cached programs in the environment, unless it names others. */
export function findTestPrograms(env = process.env) {
  const places = {
    KUBEBUILDER_ASSETS: newest(),
    WASMTIME: join(cache, 'wasmtime', 'bin', 'wasmtime'),
  };
  for (const [name, place] of Object.entries(places)) {
    if (place && existsSync(place)) {
      env[name] ??= place;
    }
  }
}

/**
 * Builds a real kube-apiserver in CI on Linux, unless one is there; beside other work,
 * which goes first.
 *
 * @returns {Promise<string[]>} What is missing, one sentence each.
 */
export async function buildTestPrograms({
  log = console.log,
  logDirectory = join(root, '.local', 'logs'),
} = {}) {
  findTestPrograms();
  if (
    !process.env.CI ||
    process.platform !== 'linux' ||
    process.env.KUBEBUILDER_ASSETS
  ) {
    return [];
  }
  const child = startChild({
    command: process.execPath,
    args: [join(root, 'scripts/install-envtest.mjs')],
    cwd: root,
    env: process.env,
    logFile: join(logDirectory, 'envtest.log'),
    onLine: line => {
      if (line.startsWith('Building')) {
        log(line);
      }
    },
  });
  if ((await child.exited) !== 0) {
    return [`the contract with a real kube-apiserver: ${child.tail().at(-1)}`];
  }
  findTestPrograms();
  return [];
}

function newest() {
  const set = 'kubernetes';
  const directory = testServersDirectory(set);
  const [name] = existsSync(directory)
    ? readdirSync(directory)
        .filter(entry => entry.startsWith(`${set}-`))
        .sort()
        .reverse()
    : [];
  return name && join(directory, name);
}
