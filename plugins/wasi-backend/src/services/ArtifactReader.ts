import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  isWasiError,
  type ArtifactView,
  type Finding,
  type FoundArtifactFormat,
  type ModuleInspection,
  type PreflightFacts,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ArtifactManifest,
  ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { LeastRecentlyUsed } from './LeastRecentlyUsed';
import type { SupplyChains } from './SupplyChains';
import { WorkQueue } from './WorkQueue';

const KEPT_MANIFESTS = 500;
const KEPT_MODULES = 200;
const PULLS_AT_ONCE = 2;
const READ_TIMEOUT_MS = 120_000;

interface FoundModule {
  inspection: ModuleInspection;
  format: FoundArtifactFormat;
}

/**
 * Reads what an image holds: its manifest, and the module inside it.
 *
 * A module is pulled to a temporary file, inspected and removed; only what was
 * found is kept, by digest. Concurrent readers of one digest share one pull.
 *
 * @internal
 */
export class ArtifactReader {
  readonly #registry: Pick<
    ModuleRegistry,
    'describe' | 'pull' | 'canPullAnonymously'
  >;
  readonly #inspect: (path: string) => Promise<ModuleInspection>;
  readonly #supplyChains: Pick<SupplyChains, 'read'>;
  readonly #maxModuleBytes: number;
  readonly #logger: LoggerService;
  readonly #manifests = new LeastRecentlyUsed<ArtifactManifest>(KEPT_MANIFESTS);
  readonly #anonymousPulls = new LeastRecentlyUsed<boolean>(KEPT_MANIFESTS);
  /** By digest of the manifest. */
  readonly #modules = new LeastRecentlyUsed<FoundModule>(KEPT_MODULES);
  readonly #running = new Map<string, Promise<FoundModule>>();
  readonly #pulls = new WorkQueue(PULLS_AT_ONCE);

  constructor(options: {
    registry: Pick<ModuleRegistry, 'describe' | 'pull' | 'canPullAnonymously'>;
    inspect: (path: string) => Promise<ModuleInspection>;
    supplyChains: Pick<SupplyChains, 'read'>;
    maxModuleBytes: number;
    logger: LoggerService;
  }) {
    this.#registry = options.registry;
    this.#inspect = options.inspect;
    this.#supplyChains = options.supplyChains;
    this.#maxModuleBytes = options.maxModuleBytes;
    this.#logger = options.logger;
  }

  /** Never fails: why there is no inspection is part of the answer. */
  async read(image: string): Promise<ArtifactView> {
    const view: ArtifactView = { image, annotations: {} };
    try {
      const manifest = await this.#describe(image);
      view.digest = manifest.digest;
      view.annotations = manifest.annotations;
      const [layer, ...others] = manifest.layers;
      if (layer && !others.length) {
        view.size = layer.size;
      }
      const supplyChain = this.#supplyChains.read(manifest.image);
      const { inspection, format } = await this.#module(manifest).finally(
        async () => {
          view.supplyChain = await supplyChain;
        },
      );
      view.format = format;
      view.inspection = inspection;
      await this.#learnAnonymousPull(image);
    } catch (error) {
      view.problem = this.#problem(error, image);
    }
    return view;
  }

  /** What is known of an image without asking the registry. */
  knownFacts(image: string): PreflightFacts {
    const manifest = this.#manifests.get(image);
    return manifest
      ? {
          layout: {
            mediaType: manifest.mediaType,
            layerMediaTypes: manifest.layers.map(({ mediaType }) => mediaType),
            index: manifest.index,
          },
          anonymousPull: this.#anonymousPulls.get(image),
          inspection: this.#modules.get(manifest.digest)?.inspection,
        }
      : {};
  }

  async #describe(image: string): Promise<ArtifactManifest> {
    // A tag may be pushed again; what a digest names never changes.
    const pinned = image.includes('@sha256:');
    const known = pinned ? this.#manifests.get(image) : undefined;
    const manifest =
      known ??
      (await this.#registry.describe(image, {
        signal: AbortSignal.timeout(READ_TIMEOUT_MS),
      }));
    if (pinned) {
      this.#manifests.set(image, manifest);
    }
    return manifest;
  }

  /** The runner has no credentials, so what we can read it may not. */
  async #learnAnonymousPull(image: string): Promise<void> {
    if (this.#anonymousPulls.get(image) !== undefined) {
      return;
    }
    try {
      const answer = await this.#registry.canPullAnonymously(image, {
        signal: AbortSignal.timeout(READ_TIMEOUT_MS),
      });
      this.#anonymousPulls.set(image, answer);
    } catch {
      // Stays unknown, so no finding is made of it; the next reader asks again.
    }
  }

  async #module(manifest: ArtifactManifest): Promise<FoundModule> {
    const known = this.#modules.get(manifest.digest);
    if (known) {
      return known;
    }
    let running = this.#running.get(manifest.digest);
    if (!running) {
      running = this.#pulls
        .run(() => this.#pullAndInspect(manifest.image))
        .finally(() => this.#running.delete(manifest.digest));
      this.#running.set(manifest.digest, running);
    }
    const found = await running;
    this.#modules.set(manifest.digest, found);
    return found;
  }

  async #pullAndInspect(image: string): Promise<FoundModule> {
    const directory = await mkdtemp(join(tmpdir(), 'wasi-artifact-'));
    try {
      const path = join(directory, 'module.wasm');
      const { format } = await this.#registry.pull(image, path, {
        maxBytes: this.#maxModuleBytes,
        signal: AbortSignal.timeout(READ_TIMEOUT_MS),
      });
      return { format, inspection: await this.#inspect(path) };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  #problem(error: unknown, image: string): Finding {
    if (isWasiError(error)) {
      const { code, message, remedy } = error;
      return { code, severity: 'error', message, remedy };
    }
    this.#logger.error(`Could not read ${image}`, error as Error);
    return {
      code: 'REGISTRY_UNEXPECTED',
      severity: 'error',
      message: `${image} could not be read.`,
      remedy: "Try again; if it stays, read the backend's log.",
    };
  }
}
