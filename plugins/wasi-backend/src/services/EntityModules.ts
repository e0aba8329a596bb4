import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import {
  ANNOTATION_KUBERNETES_ID,
  isWasiError,
  readModuleLinks,
  WasiError,
  type ClusterProblem,
  type ModuleLink,
  type ModuleLinks,
  type ModuleRef,
  type UserTokenCluster,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModuleQuery,
  ClusterCaller,
  ClusterInfo,
  Clusters,
  ModuleCache,
} from '@wasi-functions/backstage-plugin-wasi-node';
import {
  CollectedModules,
  keyOf,
  type FoundModule,
  type FoundModules,
} from './CollectedModules';
import type { TokenAnswer, TokenModules } from './TokenModules';
import { withPatience } from './withPatience';

const FIRST_LIST_MS = 5_000;
// Then the others are answered without a cluster that is asked with a user's token.
const PATIENCE_MS = 1_000;

const NOTHING: TokenAnswer = { items: [], rejected: [] };

/** Where to look for the modules of an entity, and for whom. @internal */
export interface ModuleSearch {
  /** Of this cluster alone; then there is nobody who could be delayed by it. */
  cluster?: string;
  /** Brings the tokens for clusters that take no other. */
  caller?: ClusterCaller;
}

/**
 * Finds the modules of an entity: those it names, those its label selector
 * chooses, and those that name it as their entity.
 *
 * @internal
 */
export class EntityModules {
  readonly #cache: ModuleCache;
  readonly #clusters: Clusters;
  readonly #tokens: TokenModules;

  constructor(options: {
    cache: ModuleCache;
    clusters: Clusters;
    tokens: TokenModules;
  }) {
    this.#cache = options.cache;
    this.#clusters = options.clusters;
    this.#tokens = options.tokens;
  }

  async find(entity: Entity, search: ModuleSearch = {}): Promise<FoundModules> {
    const { cluster } = search;
    const known = this.#clusters.names();
    if (cluster !== undefined && !known.some(({ name }) => name === cluster)) {
      throw new WasiError('CLUSTER_UNKNOWN', {
        message: `There is no cluster "${cluster}".`,
      });
    }
    const isMeant = (name: string | undefined) =>
      cluster === undefined || name === undefined || name === cluster;
    const linked = readModuleLinks(entity);
    const byToken = known.filter(
      ({ name, userTokens }) => userTokens && isMeant(name),
    );
    const [answers] = await Promise.all([
      this.#askByToken({ entity, linked, byToken }, search),
      this.#cache.settled(AbortSignal.timeout(FIRST_LIST_MS)),
    ]);

    const found = new CollectedModules();
    found.problems.push(
      ...linked.findings
        // That an entity names no module is what most entities do.
        .filter(({ severity }) => severity === 'error')
        .map(({ code, message, remedy }) => ({
          cluster: '',
          code,
          message,
          remedy,
        })),
    );
    found.add(
      this.#cache.find({ cluster, entityRef: stringifyEntityRef(entity) }),
    );
    const selector = isMeant(linked.selector?.cluster) && linked.selector;
    if (selector) {
      this.#select(
        { ...selector, cluster: cluster ?? selector.cluster },
        found,
      );
    }
    const links = linked.links.filter(link => isMeant(link.cluster));
    const unanswered = links.filter(link => {
      const answer = this.#cache.find({
        ...inNamespace(link),
        cluster: cluster ?? link.cluster,
      });
      found.add(answer);
      return answer.items.length === 0 && answer.rejected.length === 0;
    });

    const down = this.#cache
      .problems()
      .filter(
        one =>
          isMeant(one.cluster) &&
          !byToken.some(({ name }) => name === one.cluster),
      );
    for (const { place, ...answer } of answers) {
      found.add(answer);
      if (answer.problem?.code === 'CLUSTER_TOKEN_MISSING') {
        found.userTokens.push(place);
      }
      if (answer.problem && (place.expected || cluster !== undefined)) {
        down.push(answer.problem);
      }
    }
    for (const link of unanswered) {
      this.#miss({ link, entity, down, cluster }, found);
    }
    if (
      links.length > 0 ||
      selector ||
      found.items.length > 0 ||
      cluster !== undefined
    ) {
      found.problems.push(...down);
    }
    return found;
  }

  /** One module of the entity, else MODULE_NOT_FOUND or why that cannot be told. */
  async require(
    entity: Entity,
    ref: ModuleRef,
    caller?: ClusterCaller,
  ): Promise<FoundModule> {
    this.#clusters.client(ref.cluster, caller);
    const { items, problems } = await this.find(entity, {
      cluster: ref.cluster,
      caller,
    });
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

  /** After a write, what its user's tokens showed before is not answered again. */
  forget(caller: ClusterCaller | undefined): void {
    if (caller) {
      this.#tokens.forget(caller);
    }
  }

  #askByToken(
    about: { entity: Entity; linked: ModuleLinks; byToken: ClusterInfo[] },
    { cluster, caller }: ModuleSearch,
  ): Promise<TokenFindings[]> {
    return Promise.all(
      about.byToken.map(async ({ name, userTokens: provider = '' }) => {
        const place = {
          cluster: name,
          provider,
          expected: isExpected(name, about.linked),
        };
        if (!caller?.tokens?.[name]) {
          return { ...NOTHING, place, problem: signIn(name, provider) };
        }
        const answer = this.#tokens.read({
          cluster: name,
          caller,
          ...whatToRead(about.entity, about.linked, name),
        });
        return {
          ...(cluster === undefined
            ? await withPatience(answer, notYet(name), PATIENCE_MS)
            : await answer),
          place,
        };
      }),
    );
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

  #miss(
    options: {
      link: ModuleLink;
      entity: Entity;
      down: ClusterProblem[];
      cluster: string | undefined;
    },
    found: CollectedModules,
  ): void {
    const { link, entity, down, cluster } = options;
    const { namespace, name } = inNamespace(link);
    const isThere = found.items.some(
      ({ ref }) =>
        ref.namespace === namespace &&
        ref.name === name &&
        (!link.cluster || link.cluster === ref.cluster),
    );
    // Where one cluster alone was asked, another may have it.
    if (isThere || (cluster !== undefined && !link.cluster)) {
      return;
    }
    const names = this.#clusters.names().map(one => one.name);
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
      one => !link.cluster || one.cluster === link.cluster,
    );
    if (!unheard && names.length > 0) {
      found.missing.push({
        cluster: link.cluster ?? names[0],
        namespace,
        name,
      });
    }
  }
}

interface TokenFindings extends TokenAnswer {
  place: UserTokenCluster;
}

function inNamespace(link: ModuleLink): ModuleLink & { namespace: string } {
  return { ...link, namespace: link.namespace ?? 'default' };
}

/** The entity names the cluster, or leaves open which one it is. */
function isExpected(
  cluster: string,
  { links, selector }: Pick<ModuleLinks, 'links' | 'selector'>,
): boolean {
  const named = [...links, ...(selector ? [selector] : [])];
  return (
    named.length === 0 ||
    named.some(one => one.cluster === undefined || one.cluster === cluster)
  );
}

function whatToRead(
  entity: Entity,
  { links, selector }: ModuleLinks,
  cluster: string,
) {
  const isThere = (named: { cluster?: string }) =>
    named.cluster === undefined || named.cluster === cluster;
  const { name, annotations } = entity.metadata;
  return {
    entityRef: stringifyEntityRef(entity),
    // As it is written on modules that are deployed for the entity.
    kubernetesId: annotations?.[ANNOTATION_KUBERNETES_ID] ?? name,
    links: links.filter(isThere),
    selector: selector && isThere(selector) ? selector : undefined,
  };
}

function signIn(cluster: string, provider: string): ClusterProblem {
  return {
    cluster,
    code: 'CLUSTER_TOKEN_MISSING',
    message: `Cluster "${cluster}" shows its modules only to users with a token of ${provider}.`,
    remedy: `Sign in to ${provider} to see the modules of ${cluster}.`,
  };
}

function notYet(cluster: string): TokenAnswer {
  return {
    ...NOTHING,
    problem: {
      cluster,
      code: 'CLUSTER_UNREACHABLE',
      message: `Cluster "${cluster}" has not answered within a second.`,
      remedy: `Wait a moment and load again, or ask for the modules of ${cluster} alone.`,
    },
  };
}
