import {
  isWasiError,
  parseImageReference,
  WasiError,
  type PreflightFacts,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleRegistry } from '@wasi-functions/backstage-plugin-wasi-node';
import { LeastRecentlyUsed } from '../services/LeastRecentlyUsed';

const KEPT = 1000;

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
  readonly #registry: Pick<ModuleRegistry, 'describe'>;
  /** By reference with a digest, whose content never changes. */
  readonly #pinned = new LeastRecentlyUsed<ResolvedImage>(KEPT);

  constructor(registry: Pick<ModuleRegistry, 'describe'>) {
    this.#registry = registry;
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
