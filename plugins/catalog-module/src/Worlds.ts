import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  isWasiError,
  type ModuleInspection,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleRegistry } from '@wasi-functions/backstage-plugin-wasi-node';
import { ANNOTATION_IMAGE } from './annotations';
import { isIngested } from './toComponent';

const PULLS_IN_A_RUN = 20;
const PULL_TIMEOUT_MS = 60_000;
const TRIED_AGAIN_MS = 60 * 60_000;
const MAX_WORLD_LENGTH = 100_000;
const BY_DIGEST = /@sha256:[a-f0-9]{64}$/;

/**
 * The WIT worlds of images, each pulled once.
 *
 * What was read is in the catalog, as the definition of an API, and is found
 * there after a restart. A few images are pulled in a run, the rest later.
 *
 * @internal
 */
export class Worlds {
  readonly #registry: Pick<ModuleRegistry, 'pull'>;
  readonly #inspect: (path: string) => Promise<ModuleInspection>;
  readonly #maxBytes: number;
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #logger: LoggerService;
  readonly #now: () => Date;
  readonly #failed = new Map<string, number>();
  #known: Map<string, string> | undefined;

  constructor(options: {
    registry: Pick<ModuleRegistry, 'pull'>;
    inspect: (path: string) => Promise<ModuleInspection>;
    maxBytes: number;
    catalog: CatalogService;
    auth: AuthService;
    logger: LoggerService;
    now?: () => Date;
  }) {
    this.#registry = options.registry;
    this.#inspect = options.inspect;
    this.#maxBytes = options.maxBytes;
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#logger = options.logger;
    this.#now = options.now ?? (() => new Date());
  }

  /** Those that are known by now; an image by tag has none, since it may be another one tomorrow. */
  async of(
    images: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    this.#known ??= await this.#remembered();
    const known = this.#known;
    const now = this.#now().getTime();
    const unknown = [...new Set(images)].filter(
      image =>
        BY_DIGEST.test(image) &&
        !known.has(image) &&
        (this.#failed.get(image) ?? 0) <= now,
    );
    for (const image of unknown.slice(0, PULLS_IN_A_RUN)) {
      signal.throwIfAborted();
      const world = await this.#read(image, signal);
      if (world === undefined) {
        this.#failed.set(image, now + TRIED_AGAIN_MS);
      } else {
        known.set(image, world);
      }
    }
    return known;
  }

  async #remembered(): Promise<Map<string, string>> {
    const known = new Map<string, string>();
    const pages = this.#catalog.streamEntities(
      {
        filter: {
          kind: 'API',
          [`metadata.annotations.${ANNOTATION_IMAGE}`]: CATALOG_FILTER_EXISTS,
        },
      },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    for await (const page of pages) {
      for (const { metadata, spec } of page) {
        const image = metadata.annotations?.[ANNOTATION_IMAGE];
        if (
          image &&
          isIngested(metadata.annotations) &&
          typeof spec?.definition === 'string'
        ) {
          known.set(image, spec.definition);
        }
      }
    }
    return known;
  }

  async #read(image: string, signal: AbortSignal): Promise<string | undefined> {
    const directory = await mkdtemp(join(tmpdir(), 'wasi-world-'));
    try {
      const path = join(directory, 'module.wasm');
      await this.#registry.pull(image, path, {
        maxBytes: this.#maxBytes,
        signal: AbortSignal.any([signal, AbortSignal.timeout(PULL_TIMEOUT_MS)]),
      });
      const { world } = await this.#inspect(path);
      return world && world.length <= MAX_WORLD_LENGTH ? world : undefined;
    } catch (error) {
      if (signal.aborted) {
        throw error;
      }
      // The module is listed without an API; its own page tells why.
      this.#logger.warn(
        `The WIT world of ${image} could not be read: ${
          isWasiError(error) ? error.message : 'it timed out'
        }`,
      );
      return undefined;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}
