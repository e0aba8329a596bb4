import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  ANNOTATION_ENTITY_REF,
  wasiModuleReadPermission,
  type ClusterProblem,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  ModuleCache,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { moduleIdOf, readEntityRef } from './inputs';

const ASKED_AT_ONCE = 100;
const FIRST_LIST_MS = 5_000;

/** A module, and the entity that it names as its own. @internal */
export interface OwnedModule {
  id: string;
  entityRef: string;
  item: CachedModule;
}

/**
 * The modules whose entity a caller may read, in the order of their names.
 *
 * Each page is filled with what may be read, so that neither its length nor its
 * cursor says anything of the rest.
 *
 * @internal
 */
export class ReadableModules {
  readonly #cache: Pick<ModuleCache, 'find' | 'problems' | 'settled'>;
  readonly #catalog: CatalogService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    cache: Pick<ModuleCache, 'find' | 'problems' | 'settled'>;
    catalog: CatalogService;
    permissions: PermissionsService;
  }) {
    this.#cache = options.cache;
    this.#catalog = options.catalog;
    this.#permissions = options.permissions;
  }

  async page(request: {
    credentials: BackstageCredentials;
    limit: number;
    /** The last module of the page before. */
    after?: string;
  }): Promise<{
    items: OwnedModule[];
    more: boolean;
    /** Clusters whose modules may be missing. */
    problems: ClusterProblem[];
  }> {
    const { credentials, limit, after } = request;
    await this.#cache.settled(AbortSignal.timeout(FIRST_LIST_MS));
    const owned = this.#owned().filter(
      ({ id }) => after === undefined || id > after,
    );
    const decided = new Map<string, boolean>();
    const readable: OwnedModule[] = [];
    // One more than is shown tells if there is a next page.
    for (let at = 0; at < owned.length && readable.length <= limit; ) {
      const chunk = owned.slice(at, at + ASKED_AT_ONCE);
      await this.#decide(chunk, credentials, decided);
      readable.push(...chunk.filter(({ entityRef }) => decided.get(entityRef)));
      at += chunk.length;
    }
    return {
      items: readable.slice(0, limit),
      more: readable.length > limit,
      problems: this.#cache.problems(),
    };
  }

  #owned(): OwnedModule[] {
    return this.#cache
      .find({})
      .items.flatMap(item => {
        const owner = item.module.metadata.annotations?.[ANNOTATION_ENTITY_REF];
        const entityRef = owner && entityRefOf(owner);
        return entityRef ? [{ id: moduleIdOf(item.ref), entityRef, item }] : [];
      })
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async #decide(
    modules: OwnedModule[],
    credentials: BackstageCredentials,
    decided: Map<string, boolean>,
  ): Promise<void> {
    const refs = [...new Set(modules.map(({ entityRef }) => entityRef))].filter(
      ref => !decided.has(ref),
    );
    if (refs.length === 0) {
      return;
    }
    const [decisions, entities] = await Promise.all([
      this.#permissions.authorize(
        refs.map(resourceRef => ({
          permission: wasiModuleReadPermission,
          resourceRef,
        })),
        { credentials },
      ),
      this.#catalog.getEntitiesByRefs(
        { entityRefs: refs, fields: ['kind', 'metadata.name'] },
        { credentials },
      ),
    ]);
    refs.forEach((ref, index) =>
      decided.set(
        ref,
        decisions[index].result === AuthorizeResult.ALLOW &&
          entities.items[index] !== undefined,
      ),
    );
  }
}

function entityRefOf(text: string): string | undefined {
  try {
    return readEntityRef(text);
  } catch {
    // Whoever wrote it on the module named no entity; nobody's then.
    return undefined;
  }
}
