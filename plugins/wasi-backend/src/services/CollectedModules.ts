import type {
  ClusterProblem,
  ModuleRef,
  UserTokenCluster,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  CachedModules,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { ReadCompanions } from './CompanionReader';

/** A module of an entity. @internal */
export interface FoundModule extends CachedModule {
  /** What tells of it, where the user's own token has shown it all. */
  companions?: ReadCompanions;
}

/** The modules of an entity, and what is known not to be known. @internal */
export interface FoundModules {
  items: FoundModule[];
  problems: ClusterProblem[];
  missing: ModuleRef[];
  /** Clusters that took no token, or were sent none. */
  userTokens: UserTokenCluster[];
}

/** Gathers answers of the cache, each module and problem once. @internal */
export class CollectedModules implements FoundModules {
  readonly problems: ClusterProblem[] = [];
  readonly missing: ModuleRef[] = [];
  readonly userTokens: UserTokenCluster[] = [];
  readonly #items = new Map<string, FoundModule>();

  get items(): FoundModule[] {
    return [...this.#items.values()];
  }

  add(answer: CachedModules): void {
    for (const item of answer.items) {
      this.#items.set(keyOf(item.ref), item);
    }
    for (const { cluster, finding } of answer.rejected) {
      const { code, message, remedy } = finding;
      if (!this.problems.some(problem => problem.message === message)) {
        this.problems.push({ cluster, code, message, remedy });
      }
    }
  }
}

/** @internal */
export function keyOf(ref: ModuleRef): string {
  return JSON.stringify([ref.cluster, ref.namespace, ref.name]);
}
