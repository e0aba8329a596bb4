import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  copyFile,
  mkdir,
  readdir,
  rename,
  rm,
  stat,
  utimes,
} from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Nobody takes longer to copy a module. */
const ABANDONED_MS = 60 * 60 * 1000;
const DRAFT = '.draft-';
const ENTRY = /^([0-9a-f]{64})-([0-9a-f]{64})\.wasm$/;

/**
 * Modules that were built before, by all that went into them.
 *
 * @internal
 */
export interface BuildCache {
  /** Copies the module of a key to `target`; false where there is none. */
  take(key: string, target: string): Promise<boolean>;
  /** Keeps a copy of the module for a key, and drops those unused for longest. */
  keep(key: string, path: string): Promise<void>;
}

/**
 * A cache in a folder, which several backends may share.
 *
 * An entry is one file, `<key>-<sha256 of the module>.wasm`, that appears whole by
 * a rename; what does not have the digest it is named by is dropped.
 *
 * @param options - `directory`: made when it is needed, for us alone.
 * @internal
 */
export function createBuildCache(options: {
  directory: () => Promise<string>;
  maxBytes: number;
  now?: () => number;
}): BuildCache {
  const { maxBytes, now = Date.now } = options;

  async function open(): Promise<string> {
    const directory = await options.directory();
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return directory;
  }

  return {
    async take(key, target) {
      const directory = await open();
      for (const name of await readdir(directory)) {
        const [, ofKey, digest] = ENTRY.exec(name) ?? [];
        if (ofKey !== key) {
          continue;
        }
        const entry = join(directory, name);
        try {
          // The copy is checked: the entry may be dropped by another meanwhile.
          await copyFile(entry, target);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
            throw error;
          }
          continue;
        }
        if ((await digestOf(target)) === digest) {
          await utimes(entry, now() / 1000, now() / 1000).catch(ignoreMissing);
          return true;
        }
        await rm(target, { force: true });
        await rm(entry, { force: true });
      }
      return false;
    },

    async keep(key, path) {
      const { size } = await stat(path);
      if (size > maxBytes) {
        return;
      }
      const directory = await open();
      const draft = join(directory, `${DRAFT}${randomUUID()}`);
      try {
        await copyFile(path, draft);
        await utimes(draft, now() / 1000, now() / 1000);
        const digest = await digestOf(draft);
        await rename(draft, join(directory, `${key}-${digest}.wasm`));
      } finally {
        await rm(draft, { force: true });
      }
      await evict(directory);
    },
  };

  async function evict(directory: string): Promise<void> {
    const entries = [];
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      const stats = await stat(path).catch(ignoreMissing);
      if (stats && ENTRY.test(name)) {
        entries.push({ path, size: stats.size, used: stats.mtimeMs });
      } else if (
        stats &&
        name.startsWith(DRAFT) &&
        stats.mtimeMs < now() - ABANDONED_MS
      ) {
        // Of a backend that was killed.
        await rm(path, { force: true });
      }
    }
    let total = entries.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of entries.sort((a, b) => a.used - b.used)) {
      if (total <= maxBytes) {
        return;
      }
      await rm(path, { force: true });
      total -= size;
    }
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Another backend may have dropped it just now. */
function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') {
    throw error;
  }
  return undefined;
}
