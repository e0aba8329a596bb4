// Programs of others that some tests are held against. They take long to build, so `npm test`
// builds none of them; where a cache of this user has them, the tests find them.
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'wasi-functions',
);

/** Names the cached programs in the environment, unless it names others. */
export function findTestPrograms(env = process.env) {
  const apiServers = join(cache, 'envtest');
  const [newest] = existsSync(apiServers)
    ? readdirSync(apiServers)
        .filter(name => !name.startsWith('.'))
        .sort()
        .reverse()
    : [];
  const places = {
    KUBEBUILDER_ASSETS: newest && join(apiServers, newest),
    WASMTIME: join(cache, 'wasmtime', 'bin', 'wasmtime'),
  };
  for (const [name, place] of Object.entries(places)) {
    if (place && existsSync(place)) {
      env[name] ??= place;
    }
  }
}
