import type {
  ClusterProblem,
  ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  CachedModules,
} from '@wasi-functions/backstage-plugin-wasi-node';

/** The modules of an entity, and what is known not to be known. @internal */
export interface FoundModules {
  items: CachedModule[];
  problems: ClusterProblem[];
  missing: ModuleRef[];
}

/** Gathers answers of the cache, each module and problem once. @internal */
export class CollectedModules implements FoundModules {
  readonly problems: ClusterProblem[] = [];
  readonly missing: ModuleRef[] = [];
  readonly #items = new Map<string, CachedModule>();

  get items(): CachedModule[] {
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
