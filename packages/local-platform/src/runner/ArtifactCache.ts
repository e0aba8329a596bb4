import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type {
  ModuleEngine,
  PreparedModule,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { modulePath, pullArtifact } from './pullArtifact';

/**
 * A module that is ready to run and stays on disk until it is released.
 *
 * @internal
 */
export interface LeasedArtifact {
  prepared: PreparedModule;
  digest: string;
  release(): void;
}

interface ArtifactCacheOptions {
  engine: ModuleEngine;
  /** Pulled modules; `prepared` is where the engine keeps its translations. */
  directories: { modules: string; prepared: string };
  insecureRegistries: readonly string[];
  /** Of what nothing uses. */
  maxBytes: number;
  onError: (error: unknown) => void;
}

/**
 * Modules and what they were translated to, by digest: what is used stays,
 * of the rest the last used, up to a number of bytes.
 *
 * @internal
 */
export class ArtifactCache {
  readonly #options: ArtifactCacheOptions;
  readonly #leases = new Map<string, number>();
  /** Digests of files that were read whole since the start. */
  readonly #checked = new Set<string>();
  #taking = 0;
  #evicting = Promise.resolve();

  constructor(options: ArtifactCacheOptions) {
    this.#options = options;
  }

  /** Removes what a platform left that was killed while it downloaded. */
  async removePartial(): Promise<void> {
    const { modules, prepared } = this.#options.directories;
    for (const directory of [modules, prepared]) {
      for (const name of await list(directory)) {
        if (!/^sha256-[0-9a-f]{64}(\.wasm|\.manifest|-[^/]+)$/.test(name)) {
          await rm(join(directory, name), { recursive: true, force: true });
        }
      }
    }
  }

  async take(image: string, signal: AbortSignal): Promise<LeasedArtifact> {
    await this.#evicting;
    this.#taking++;
    try {
      const { engine, directories, insecureRegistries } = this.#options;
      const { path, digest } = await pullArtifact(image, {
        directory: directories.modules,
        insecureRegistries,
        checked: this.#checked,
        signal,
      });
      const prepared = await engine.prepare(path, digest);
      const now = new Date();
      await utimes(path, now, now);
      await utimes(prepared.directory, now, now);
      this.#leases.set(digest, (this.#leases.get(digest) ?? 0) + 1);
      return { prepared, digest, release: () => this.#release(digest) };
    } finally {
      this.#taking--;
      this.#evict();
    }
  }

  /** Resolves when nothing more is to be removed. */
  async settled(): Promise<void> {
    await this.#evicting;
  }

  #release(digest: string): void {
    this.#leases.set(digest, (this.#leases.get(digest) ?? 1) - 1);
    this.#evict();
  }

  #evict(): void {
    this.#evicting = this.#evicting
      .then(async () => {
        // Whoever is taking may be about to use what looks unused.
        if (this.#taking === 0) {
          await this.#removeOldest();
        }
      })
      .catch(this.#options.onError);
  }

  async #removeOldest(): Promise<void> {
    const { directories, maxBytes } = this.#options;
    const entries = (
      await Promise.all([
        measure(directories.modules),
        measure(directories.prepared),
      ])
    )
      .flat()
      .sort((a, b) => b.usedAt - a.usedAt);
    let kept = 0;
    for (const { path, digest, bytes } of entries) {
      kept += bytes;
      if (kept > maxBytes && !(this.#leases.get(digest) ?? 0)) {
        kept -= bytes;
        this.#checked.delete(digest);
        await rm(path, { recursive: true, force: true });
      }
    }
    await removeDangling(directories.modules);
  }
}

/** A manifest tells which module it is; without that module it is of no use. */
async function removeDangling(directory: string): Promise<void> {
  const names = await list(directory);
  for (const name of names.filter(each => each.endsWith('.manifest'))) {
    const path = join(directory, name);
    const layer = await readFile(path, 'utf8');
    if (!names.includes(basename(modulePath(directory, layer)))) {
      await rm(path, { force: true });
    }
  }
}

async function measure(directory: string) {
  return await Promise.all(
    (
      await list(directory)
    )
      .filter(name => !name.endsWith('.manifest'))
      .map(async name => {
        const path = join(directory, name);
        const { mtimeMs } = await stat(path);
        return {
          path,
          digest: name.slice(0, 71).replace('-', ':'),
          usedAt: mtimeMs,
          bytes: await sizeOf(path),
        };
      }),
  );
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) {
    return found.size;
  }
  const sizes = await Promise.all(
    (await readdir(path)).map(name => sizeOf(join(path, name))),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function list(directory: string): Promise<string[]> {
  // Nothing was pulled yet where there is no folder.
  return await readdir(directory).catch((): string[] => []);
}
