import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  isWasiError,
  WasiError,
  type ArtifactView,
  type Finding,
  type ModuleInspection,
  type PreflightFacts,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ArtifactLayer,
  ArtifactManifest,
  ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { LeastRecentlyUsed } from './LeastRecentlyUsed';
import { WorkQueue } from './WorkQueue';

const KEPT_MANIFESTS = 500;
const KEPT_INSPECTIONS = 200;
const PULLS_AT_ONCE = 2;
const READ_TIMEOUT_MS = 120_000;

// What the runner takes for a module, see `preflight`.
const MODULE_MEDIA_TYPES = new Set([
  'application/wasm',
  'application/vnd.wasm.content.layer.v1+wasm',
  'application/vnd.module.wasm.content.layer.v1+wasm',
]);

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
  readonly #maxModuleBytes: number;
  readonly #logger: LoggerService;
  readonly #manifests = new LeastRecentlyUsed<ArtifactManifest>(KEPT_MANIFESTS);
  readonly #anonymousPulls = new LeastRecentlyUsed<boolean>(KEPT_MANIFESTS);
  readonly #inspections = new LeastRecentlyUsed<ModuleInspection>(
    KEPT_INSPECTIONS,
  );
  readonly #running = new Map<string, Promise<ModuleInspection>>();
  readonly #pulls = new WorkQueue(PULLS_AT_ONCE);

  constructor(options: {
    registry: Pick<ModuleRegistry, 'describe' | 'pull' | 'canPullAnonymously'>;
    inspect: (path: string) => Promise<ModuleInspection>;
    maxModuleBytes: number;
    logger: LoggerService;
  }) {
    this.#registry = options.registry;
    this.#inspect = options.inspect;
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
      const layer = this.#moduleLayer(manifest);
      view.size = layer.size;
      view.inspection = await this.#inspection(manifest, layer);
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
          inspection: this.#inspections.get(manifest.layers[0]?.digest ?? ''),
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

  #moduleLayer(manifest: ArtifactManifest): ArtifactLayer {
    if (manifest.index) {
      throw new WasiError('IMAGE_INDEX_UNSUPPORTED', {
        message: `${manifest.image} is an index of several images, not a module.`,
      });
    }
    const [layer] = manifest.layers;
    if (
      manifest.layers.length !== 1 ||
      !MODULE_MEDIA_TYPES.has(layer.mediaType)
    ) {
      throw new WasiError('IMAGE_LAYOUT_UNSUPPORTED', {
        message: `${manifest.image} has ${
          manifest.layers.map(({ mediaType }) => mediaType).join(', ') ||
          'no layer'
        }, where the runner takes one layer of type application/wasm.`,
      });
    }
    if (layer.size > this.#maxModuleBytes) {
      throw new WasiError('MODULE_TOO_LARGE', {
        message: `The module of ${manifest.image} has ${
          layer.size
        } bytes, more than the ${this.#maxModuleBytes} that are allowed.`,
      });
    }
    return layer;
  }

  async #inspection(
    manifest: ArtifactManifest,
    layer: ArtifactLayer,
  ): Promise<ModuleInspection> {
    const known = this.#inspections.get(layer.digest);
    if (known) {
      return known;
    }
    let running = this.#running.get(layer.digest);
    if (!running) {
      running = this.#pulls
        .run(() => this.#pullAndInspect(manifest.image))
        .finally(() => this.#running.delete(layer.digest));
      this.#running.set(layer.digest, running);
    }
    const inspection = await running;
    this.#inspections.set(layer.digest, inspection);
    return inspection;
  }

  async #pullAndInspect(image: string): Promise<ModuleInspection> {
    const directory = await mkdtemp(join(tmpdir(), 'wasi-artifact-'));
    try {
      const path = join(directory, 'module.wasm');
      await this.#registry.pull(image, path, {
        maxBytes: this.#maxModuleBytes,
        signal: AbortSignal.timeout(READ_TIMEOUT_MS),
      });
      return await this.#inspect(path);
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
