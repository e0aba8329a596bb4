import { randomUUID } from 'node:crypto';
import {
  ANNOTATION_ENTITY_REF,
  FIELD_MANAGER,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  Clusters,
  ModuleCache,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { DeploymentStore } from './DeploymentStore';
import { moduleKey, type KnownModules } from './KnownModules';
import { changeKey, goneKey } from './onceKeys';
import type { SecretVault } from './SecretVault';
import type { StoredDeployment } from './types';

// So many are looked up in the database at once.
const CHUNK = 200;
/** Changes of one module between two looks that are told apart. */
const TOLD_APART = 20;

/**
 * Records what others change: kubectl, Argo CD, or this portal when it could
 * not write its history.
 *
 * @internal
 */
export class ClusterChanges {
  readonly #store: DeploymentStore;
  readonly #knownModules: KnownModules;
  readonly #vault: SecretVault;
  readonly #cache: Pick<ModuleCache, 'get' | 'find' | 'problems'>;
  readonly #clusters: Clusters;
  readonly #now: () => Date;
  /** Changed and not looked at. */
  readonly #changed = new Map<string, ModuleRef>();
  /** What each of them was since the last look, oldest first. */
  readonly #passed = new Map<string, CachedModule[]>();
  /** The last change of each module that the history has. */
  readonly #known = new Map<string, { uid?: string; generation: number }>();
  /** Clusters whose deletions from before this process were looked for. */
  readonly #compared = new Set<string>();

  constructor(options: {
    store: DeploymentStore;
    knownModules: KnownModules;
    vault: SecretVault;
    cache: Pick<ModuleCache, 'get' | 'find' | 'problems'>;
    clusters: Clusters;
    now: () => Date;
  }) {
    this.#store = options.store;
    this.#knownModules = options.knownModules;
    this.#vault = options.vault;
    this.#cache = options.cache;
    this.#clusters = options.clusters;
    this.#now = options.now;
  }

  /** To be called at each change, while the cache has just that. */
  changed(refs: readonly ModuleRef[]): void {
    for (const ref of refs) {
      const key = moduleKey(ref);
      this.#changed.set(key, ref);
      const cached = this.#cache.get(ref);
      const passed = this.#passed.get(key) ?? [];
      if (cached && !isSameGeneration(passed.at(-1), cached)) {
        this.#passed.set(key, [...passed, cached].slice(-TOLD_APART));
      }
    }
  }

  /** Records what changed since the last time. */
  async record(): Promise<void> {
    await this.#findGone();
    const refs = [...this.#changed.values()].filter(
      ref => this.#isHeard(ref.cluster) && this.#isNews(ref),
    );
    for (let i = 0; i < refs.length; i += CHUNK) {
      await this.#recordAll(refs.slice(i, i + CHUNK));
    }
  }

  /** False where nothing is to be recorded, which needs no database. */
  #isNews(ref: ModuleRef): boolean {
    const key = moduleKey(ref);
    const module = this.#cache.get(ref)?.module;
    const known = this.#known.get(key);
    const isNews = module
      ? ownerOf(module) !== undefined &&
        !(
          known &&
          known.uid === module.metadata.uid &&
          known.generation >= generationOf(module)
        )
      : this.#cache.find(ref).rejected.length === 0;
    if (!isNews) {
      this.#changed.delete(key);
      this.#passed.delete(key);
    }
    return isNews;
  }

  async #recordAll(refs: ModuleRef[]): Promise<void> {
    const seen = refs.map(ref => ({ ref, cached: this.#cache.get(ref) }));
    // A change of our own has its row before the cluster has it, so what is read
    // in this order is either on its way, or known, or made by somebody else.
    const underway = await this.#knownModules.underway();
    const generations = await this.#knownModules.generations(refs);
    const settled = seen.filter(({ ref }) => !underway.has(moduleKey(ref)));
    const rows: StoredDeployment[] = [];
    for (const { ref, cached } of settled) {
      const known = generations.get(moduleKey(ref));
      if (!cached) {
        const last = await this.#knownModules.lastPresent(ref);
        rows.push(...(last ? [this.#toDeletion(last)] : []));
      } else if (!isKnown(cached.module, known)) {
        rows.push(
          ...inOrder([
            ...(await this.#changesBefore(cached)).map(passed =>
              this.#toChange(passed, known),
            ),
            this.#toChange(cached, known),
          ]),
        );
      }
    }
    await this.#store.insertAll(rows);
    settled.forEach(({ ref, cached }) => this.#done(ref, cached?.module));
  }

  /** What others have changed before that since the last look. */
  async #changesBefore(cached: CachedModule): Promise<CachedModule[]> {
    const { ref, module } = cached;
    const before: CachedModule[] = [];
    for (const passed of this.#passed.get(moduleKey(ref)) ?? []) {
      const { uid } = passed.module.metadata;
      const generation = generationOf(passed.module);
      if (
        uid !== undefined &&
        uid === module.metadata.uid &&
        generation < generationOf(module) &&
        // What the portal has changed has a row, or an end that is not known.
        passed.changedBy?.split(':')[0] !== FIELD_MANAGER &&
        ownerOf(passed.module) !== undefined &&
        !(await this.#knownModules.has(ref, uid, generation))
      ) {
        before.push(passed);
      }
    }
    return before;
  }

  #done(ref: ModuleRef, module: WasmModule | undefined): void {
    const key = moduleKey(ref);
    this.#changed.delete(key);
    this.#passed.delete(key);
    if (module) {
      this.#known.set(key, {
        uid: module.metadata.uid,
        generation: generationOf(module),
      });
    } else {
      this.#known.delete(key);
    }
  }

  #toChange(
    { ref, module, changedBy, changedAt }: CachedModule,
    known: ReadonlyMap<string, number> | undefined,
  ): StoredDeployment {
    const { uid = '', creationTimestamp } = module.metadata;
    const generation = generationOf(module);
    const now = this.#now();
    const at = changedAt ?? (generation === 1 ? creationTimestamp : undefined);
    return {
      id: randomUUID(),
      entity: ownerOf(module)!,
      ref,
      action: known?.has(uid) || generation > 1 ? 'update' : 'create',
      origin: 'cluster',
      actor: changedBy ?? 'unknown',
      state: 'running',
      image: module.spec.image,
      uid,
      generation,
      ...this.#vault.seal(module),
      onceKey: changeKey(ref, uid, generation),
      beat: 0,
      startedAt: (at ? endOfSecond(at, now) : now).toISOString(),
      appliedAt: now.toISOString(),
    };
  }

  #toDeletion(last: StoredDeployment): StoredDeployment {
    const { entity, ref, image, uid, generation = 1 } = last;
    const at = this.#now().toISOString();
    return {
      id: randomUUID(),
      entity,
      ref,
      action: 'delete',
      origin: 'cluster',
      // The API server does not tell who deletes.
      actor: 'unknown',
      state: 'succeeded',
      image,
      base: uid ? { uid, generation } : undefined,
      onceKey: goneKey(ref, uid),
      beat: 0,
      startedAt: at,
      appliedAt: at,
      endedAt: at,
    };
  }

  /** What was deleted while no backend looked. */
  async #findGone(): Promise<void> {
    for (const { name } of this.#clusters.names()) {
      if (this.#compared.has(name) || !this.#isHeard(name)) {
        continue;
      }
      const present = await this.#knownModules.present(name);
      this.changed(present.filter(ref => !this.#cache.get(ref)));
      this.#compared.add(name);
    }
  }

  #isHeard(cluster: string): boolean {
    return !this.#cache.problems().some(problem => problem.cluster === cluster);
  }
}

/** Kubernetes tells whole seconds; a change of ours may lie before it in the same one. */
function endOfSecond(at: string, now: Date): Date {
  return new Date(Math.min(new Date(at).getTime() + 999, now.getTime()));
}

/** Those of the same second, too. */
function inOrder(rows: StoredDeployment[]): StoredDeployment[] {
  const ordered = [...rows];
  for (let i = rows.length - 2; i >= 0; i -= 1) {
    const next = Date.parse(ordered[i + 1].startedAt) - 1;
    const at = Math.min(Date.parse(ordered[i].startedAt), next);
    ordered[i] = { ...ordered[i], startedAt: new Date(at).toISOString() };
  }
  return ordered;
}

function isSameGeneration(
  one: CachedModule | undefined,
  other: CachedModule,
): boolean {
  return (
    one?.module.metadata.uid === other.module.metadata.uid &&
    one !== undefined &&
    generationOf(one.module) === generationOf(other.module)
  );
}

function isKnown(
  module: WasmModule,
  generations: ReadonlyMap<string, number> | undefined,
): boolean {
  const known = generations?.get(module.metadata.uid ?? '') ?? 0;
  return known >= generationOf(module);
}

function ownerOf(module: WasmModule): string | undefined {
  return module.metadata.annotations?.[
    ANNOTATION_ENTITY_REF
  ]?.toLocaleLowerCase('en-US');
}

function generationOf({ metadata }: WasmModule): number {
  return metadata.generation ?? 1;
}
