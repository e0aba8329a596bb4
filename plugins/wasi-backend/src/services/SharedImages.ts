import {
  parseImageReference,
  type ModuleInspection,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ArtifactManifest,
  PublicImages,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { LeastRecentlyUsed } from './LeastRecentlyUsed';
import { WorkQueue } from './WorkQueue';

const KEPT = 1000;
const KEPT_INSPECTIONS = 200;
const PULLS_AT_ONCE = 2;
// What a digest names never changes, but who may pull it does.
const KEPT_MS = 10 * 60_000;
const PULL_TIMEOUT_MS = 120_000;

/**
 * Public images that many ask for: read once, and kept by digest.
 *
 * A pull goes on when who asked has no more patience, for the next one.
 *
 * @internal
 */
export class SharedImages implements PublicImages {
  readonly #images: PublicImages;
  readonly #now: () => number;
  /** By reference with a digest. */
  readonly #manifests = new LeastRecentlyUsed<{
    manifest: ArtifactManifest;
    until: number;
  }>(KEPT);
  /** By image with its digest. */
  readonly #inspections = new LeastRecentlyUsed<ModuleInspection>(
    KEPT_INSPECTIONS,
  );
  readonly #running = new Map<string, Promise<ModuleInspection>>();
  readonly #pulls = new WorkQueue(PULLS_AT_ONCE);

  constructor(options: { images: PublicImages; now?: () => number }) {
    this.#images = options.images;
    this.#now = options.now ?? Date.now;
  }

  async describe(
    reference: string,
    options?: { signal?: AbortSignal },
  ): Promise<ArtifactManifest> {
    const known = this.#manifests.get(reference);
    if (known && known.until > this.#now()) {
      return known.manifest;
    }
    const manifest = await this.#images.describe(reference, options);
    const kept = { manifest, until: this.#now() + KEPT_MS };
    this.#manifests.set(manifest.image, kept);
    if (parseImageReference(reference).digest) {
      this.#manifests.set(reference, kept);
    }
    return manifest;
  }

  async inspect(
    image: string,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<ModuleInspection> {
    const known = this.#inspections.get(image);
    if (known) {
      return known;
    }
    const running = this.#running.get(image) ?? this.#pull(image);
    return unlessAborted(running, signal);
  }

  #pull(image: string): Promise<ModuleInspection> {
    const running = this.#pulls
      .run(async () => {
        const inspection = await this.#images.inspect(image, {
          signal: AbortSignal.timeout(PULL_TIMEOUT_MS),
        });
        this.#inspections.set(image, inspection);
        return inspection;
      })
      .finally(() => this.#running.delete(image));
    // Who asked may not be there any more to hear of a failure.
    running.catch(() => {});
    this.#running.set(image, running);
    return running;
  }
}

async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) {
    return work;
  }
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
