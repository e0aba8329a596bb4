import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  isWasiError,
  parseImageReference,
  WasiError,
  type ModuleInspection,
  type PreflightFacts,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleRegistry } from '@wasi-functions/backstage-plugin-wasi-node';
import { LeastRecentlyUsed } from '../services/LeastRecentlyUsed';
import { WorkQueue } from '../services/WorkQueue';

const KEPT = 1000;
const KEPT_INSPECTIONS = 100;
const PULLS_AT_ONCE = 2;

/** An image that the runner can pull, named by digest. @internal */
export interface ResolvedImage {
  image: string;
  facts: PreflightFacts;
}

/**
 * Finds the digest that an image reference stands for now.
 *
 * Read as everybody may read it: the runner has no account, and who writes
 * func.yaml may not be allowed to look at what the portal's account sees.
 *
 * @internal
 */
export class ImageResolver {
  readonly #registry: Pick<ModuleRegistry, 'describe' | 'pull'>;
  readonly #inspect: (path: string) => Promise<ModuleInspection>;
  readonly #maxModuleBytes: number;
  /** By reference with a digest, whose content never changes. */
  readonly #pinned = new LeastRecentlyUsed<ResolvedImage>(KEPT);

  /** By image with its digest. */
  readonly #inspections = new LeastRecentlyUsed<ModuleInspection>(
    KEPT_INSPECTIONS,
  );
  readonly #pulls = new WorkQueue(PULLS_AT_ONCE);

  constructor(options: {
    registry: Pick<ModuleRegistry, 'describe' | 'pull'>;
    inspect: (path: string) => Promise<ModuleInspection>;
    maxModuleBytes: number;
  }) {
    this.#registry = options.registry;
    this.#inspect = options.inspect;
    this.#maxModuleBytes = options.maxModuleBytes;
  }

  async resolve(
    reference: string,
    signal: AbortSignal,
  ): Promise<ResolvedImage> {
    const known = this.#pinned.get(reference);
    if (known) {
      return known;
    }
    const manifest = await this.#describe(reference, signal);
    const resolved: ResolvedImage = {
      image: manifest.image,
      facts: {
        anonymousPull: true,
        layout: {
          mediaType: manifest.mediaType,
          layerMediaTypes: manifest.layers.map(({ mediaType }) => mediaType),
          index: manifest.index,
        },
      },
    };
    if (parseImageReference(reference).digest) {
      this.#pinned.set(reference, resolved);
    }
    return resolved;
  }

  /** What is in an image that {@link ImageResolver.resolve} has found. */
  async inspect(image: string, signal: AbortSignal): Promise<ModuleInspection> {
    const known = this.#inspections.get(image);
    if (known) {
      return known;
    }
    const inspection = await this.#pulls.run(async () => {
      const directory = await mkdtemp(join(tmpdir(), 'wasi-sync-'));
      try {
        const path = join(directory, 'module.wasm');
        await this.#registry.pull({ image }, path, {
          maxBytes: this.#maxModuleBytes,
          signal,
        });
        return await this.#inspect(path);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    });
    this.#inspections.set(image, inspection);
    return inspection;
  }

  async #describe(reference: string, signal: AbortSignal) {
    try {
      return await this.#registry.describe({ image: reference }, { signal });
    } catch (error) {
      if (
        isWasiError(error) &&
        (error.code === 'REGISTRY_UNAUTHENTICATED' ||
          error.code === 'REGISTRY_FORBIDDEN')
      ) {
        throw new WasiError('IMAGE_NOT_ANONYMOUS', {
          message: `${reference} cannot be pulled without an account, and the runner has none.`,
          cause: error,
        });
      }
      throw error;
    }
  }
}
