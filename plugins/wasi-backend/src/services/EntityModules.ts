import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import {
  isWasiError,
  readModuleLinks,
  WasiError,
  type ClusterProblem,
  type ModuleLink,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  CachedModuleQuery,
  Clusters,
  ModuleCache,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { CollectedModules, keyOf, type FoundModules } from './CollectedModules';

const FIRST_LIST_MS = 5_000;

/**
 * Finds the modules of an entity: those it names, those its label selector
 * chooses, and those that name it as their entity.
 *
 * @internal
 */
export class EntityModules {
  readonly #cache: ModuleCache;
  readonly #clusters: Clusters;

  constructor(options: { cache: ModuleCache; clusters: Clusters }) {
    this.#cache = options.cache;
    this.#clusters = options.clusters;
  }

  async find(entity: Entity): Promise<FoundModules> {
    await this.#cache.settled(AbortSignal.timeout(FIRST_LIST_MS));
    const { links, selector, findings } = readModuleLinks(entity);
    const found = new CollectedModules();
    found.problems.push(
      ...findings
        // That an entity names no module is what most entities do.
        .filter(({ severity }) => severity === 'error')
        .map(({ code, message, remedy }) => ({
          cluster: '',
          code,
          message,
          remedy,
        })),
    );
    const down = this.#cache.problems();
    found.add(this.#cache.find({ entityRef: stringifyEntityRef(entity) }));
    if (selector) {
      this.#select(selector, found);
    }
    for (const link of links) {
      this.#follow({ link, entity, down }, found);
    }
    if (links.length > 0 || selector || found.items.length > 0) {
      found.problems.push(...down);
    }
    return found;
  }

  /** One module of the entity, else MODULE_NOT_FOUND or why that cannot be told. */
  async require(entity: Entity, ref: ModuleRef): Promise<CachedModule> {
    this.#clusters.client(ref.cluster);
    const { items, problems } = await this.find(entity);
    const item = items.find(({ ref: other }) => keyOf(other) === keyOf(ref));
    if (item) {
      return item;
    }
    const problem = problems.find(({ cluster }) => cluster === ref.cluster);
    if (problem) {
      throw new WasiError(problem.code, {
        message: problem.message,
        remedy: problem.remedy,
      });
    }
    throw new WasiError('MODULE_NOT_FOUND', {
      message: `${stringifyEntityRef(entity)} has no WasmModule ${
        ref.namespace
      }/${ref.name} on cluster "${ref.cluster}".`,
    });
  }

  #select(
    selector: CachedModuleQuery & { labelSelector: string },
    found: CollectedModules,
  ): void {
    try {
      found.add(this.#cache.find(selector));
    } catch (error) {
      if (!isWasiError(error)) {
        throw error;
      }
      // The entity's annotation is wrong; its other modules are still shown.
      found.problems.push({
        cluster: selector.cluster ?? '',
        code: error.code,
        message: error.message,
        remedy: error.remedy,
      });
    }
  }

  #follow(
    options: { link: ModuleLink; entity: Entity; down: ClusterProblem[] },
    found: CollectedModules,
  ): void {
    const { link, entity, down } = options;
    const namespace = link.namespace ?? 'default';
    const answer = this.#cache.find({ ...link, namespace });
    found.add(answer);
    if (answer.items.length > 0 || answer.rejected.length > 0) {
      return;
    }
    const names = this.#clusters.names().map(({ name }) => name);
    if (link.cluster && !names.includes(link.cluster)) {
      found.problems.push({
        cluster: link.cluster,
        code: 'CLUSTER_UNKNOWN',
        message: `${stringifyEntityRef(entity)} names a module on cluster "${
          link.cluster
        }", which is not configured.`,
        remedy: `Choose one of: ${names.join(', ') || 'none is configured'}.`,
      });
      return;
    }
    // A cluster that does not answer may well have it.
    const unheard = down.some(
      ({ cluster }) => !link.cluster || cluster === link.cluster,
    );
    if (!unheard && names.length > 0) {
      found.missing.push({
        cluster: link.cluster ?? names[0],
        namespace,
        name: link.name,
      });
    }
  }
}
