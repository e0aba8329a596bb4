import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WasiConfig } from '../config';
import { createBuildCache, type BuildCache } from './buildCache';

/**
 * The cache that `wasi.build` asks for; undefined where every build is done anew.
 *
 * @internal
 */
export function openBuildCache({ build }: WasiConfig): BuildCache | undefined {
  if (!build.cache) {
    return undefined;
  }
  const { directory, maxBytes } = build.cache;
  return createBuildCache({
    directory: async () => directory ?? ownCacheDirectory(),
    maxBytes,
  });
}

let ownCache: string | undefined;

/** Ours alone, and gone with us: a name that others can guess would be theirs to fill. */
function ownCacheDirectory(): string {
  if (!ownCache) {
    const created = mkdtempSync(join(tmpdir(), 'wasi-builds-'));
    process.once('exit', () =>
      rmSync(created, { recursive: true, force: true }),
    );
    ownCache = created;
  }
  return ownCache;
}
