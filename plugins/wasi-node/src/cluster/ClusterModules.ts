import { isDeepStrictEqual } from 'node:util';
import {
  ANNOTATION_ENTITY_REF,
  WasiError,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { FollowEvent } from './followModules';
import { latestChange, leanModule, type ModuleChange } from './leanModule';
import { ModuleIndex, type IndexedQuery } from './ModuleIndex';
import { toVersion } from './resourceVersion';
import { untilAborted } from './untilAborted';
import type { ModuleList, ModuleName, RejectedModule } from './types';

/** A module as the cache holds it. @public */
export interface CachedModule {
  ref: ModuleRef;
  /** Without managedFields and what kubectl last applied. */
  module: WasmModule;
  /** When somebody last wrote to it other than its status, RFC 3339. */
  changedAt?: string;
  /** The field manager who did. */
  changedBy?: string;
  /** When its cluster was last heard, RFC 3339, by our clock. */
  observedAt: string;
  /** By how much the clock of its cluster is ahead of ours, where it is off. */
  clusterAheadMs?: number;
}

/** What is new of modules. @internal */
export interface ModuleChanges {
  refs: ModuleRef[];
  /** One of them came, or may belong to other entities than before. */
  moved: boolean;
}

interface KeptModule extends ModuleChange {
  module: WasmModule;
  /** When its generation was heard to change, in milliseconds that only grow. */
  changeHeardAt: number | undefined;
}

/**
 * What is known of one cluster: events in, what changed out.
 *
 * @internal
 */
export class ClusterModules {
  readonly cluster: string;
  readonly #clock: () => number | undefined;
  readonly #modules = new Map<string, KeptModule>();
  readonly #index = new ModuleIndex();
  readonly #rejected = new Map<string, RejectedModule>();
  readonly #settled: Promise<void>;
  readonly #firstListed: Promise<void>;
  #settle: () => void = () => {};
  #tellListed: () => void = () => {};
  #observedAt = '';
  #problem: WasiError | undefined;
  #silence: WasiError | undefined;
  #listed = false;
  #moved = false;
  // Newest version that list or watch told; a write's answer counts only beyond it.
  #newest = -1n;

  /** `clock`: by how much that of the cluster is ahead. */
  constructor(
    cluster: string,
    clock: () => number | undefined = () => undefined,
  ) {
    this.cluster = cluster;
    this.#clock = clock;
    this.#settled = new Promise(resolve => {
      this.#settle = resolve;
    });
    this.#firstListed = new Promise(resolve => {
      this.#tellListed = resolve;
    });
  }

  /** Why the cluster cannot be heard now; also where it has not answered yet. */
  get problem(): WasiError | undefined {
    if (this.#problem || this.#listed) {
      return this.#problem ?? this.#silence;
    }
    return new WasiError('CLUSTER_UNREACHABLE', {
      message: `Cluster "${this.cluster}" has not answered yet.`,
      remedy: 'Wait a moment and load again.',
    });
  }

  has(key: string): boolean {
    return this.#modules.has(key);
  }

  get(name: ModuleName): CachedModule | undefined {
    const kept = this.#modules.get(keyOf(name));
    return kept && this.#cached(kept);
  }

  /** When the watch told of the module's last change, by `performance.now()`; not known of a list. */
  changeHeardAt(name: ModuleName): number | undefined {
    return this.#modules.get(keyOf(name))?.changeHeardAt;
  }

  /** All that the query can mean, maybe more. */
  candidates(query: IndexedQuery & { namespace?: string }): CachedModule[] {
    if (query.namespace && query.name) {
      const found = this.get({ namespace: query.namespace, name: query.name });
      return found ? [found] : [];
    }
    const keys = this.#index.candidates(query);
    const found: CachedModule[] = [];
    for (const key of keys ?? this.#modules.keys()) {
      found.push(this.#cached(this.#modules.get(key)!));
    }
    return found;
  }

  rejected(): RejectedModule[] {
    return [...this.#rejected.values()];
  }

  /** Resolves once the cluster was listed or has a problem, or on abort. */
  settled(signal: AbortSignal): Promise<void> {
    return untilAborted(this.#settled, signal);
  }

  /** Resolves once the cluster was listed, or on abort. */
  listed(signal: AbortSignal): Promise<void> {
    return untilAborted(this.#firstListed, signal);
  }

  /** What stands between us and the cluster while the watch has not noticed. */
  miss(problem: WasiError): void {
    this.#silence = problem;
  }

  /** It answered, and the watch has not told otherwise. */
  hear(at: Date): void {
    this.#silence = undefined;
    this.#observedAt = at.toISOString();
  }

  apply(event: FollowEvent, at: Date): ModuleChanges {
    this.#moved = false;
    const refs = this.#applied(event, at);
    return { refs, moved: this.#moved };
  }

  #applied(event: FollowEvent, at: Date): ModuleRef[] {
    if (event.type === 'PROBLEM') {
      this.#problem = event.error;
      this.#settle();
      return [];
    }
    this.#observedAt = at.toISOString();
    this.#problem = undefined;
    this.#silence = undefined;
    switch (event.type) {
      case 'LISTED':
        return this.#replaceAll(event.list);
      case 'CHANGED':
        this.#heard(event.module);
        return this.#isPast(event.module)
          ? []
          : [this.#set(event.module, performance.now())];
      case 'DELETED':
        this.#heard(event.module);
        return this.#isPast(event.module)
          ? []
          : [this.#remove(nameOf(event.module))];
      case 'REJECTED':
        return [
          event.deleted
            ? this.#remove(event.rejected)
            : this.#reject(event.rejected),
        ];
      default:
        return [];
    }
  }

  /** Takes the answer of a write unless the watch was quicker. */
  observe(module: WasmModule, at: Date): ModuleChanges | undefined {
    const version = versionOf(module);
    // Without numbers to compare the watch decides alone.
    if (version === undefined || version <= this.#newest) {
      return undefined;
    }
    this.#observedAt = at.toISOString();
    this.#moved = false;
    const ref = this.#set(module, performance.now());
    return { refs: [ref], moved: this.#moved };
  }

  /** A write's answer may come before what the watch told of the time before it. */
  #isPast(module: WasmModule): boolean {
    const known = this.#modules.get(keyOf(nameOf(module)))?.module;
    const [then, now] = [versionOf(module), known && versionOf(known)];
    return then !== undefined && now !== undefined && then < now;
  }

  #replaceAll(list: ModuleList): ModuleRef[] {
    const before = new Map(this.#modules);
    const rejectedBefore = new Set(this.#rejected.keys());
    this.#rejected.clear();
    // A cluster that was restored from a backup counts from earlier again.
    this.#newest = toVersion(list.resourceVersion) ?? -1n;
    const changed: ModuleRef[] = [];
    for (const module of list.items) {
      this.#heard(module);
      const ref = this.#set(module);
      const known = before.get(keyOf(ref));
      before.delete(keyOf(ref));
      if (
        known?.module.metadata.resourceVersion !==
        module.metadata.resourceVersion
      ) {
        changed.push(ref);
      }
    }
    for (const gone of before.values()) {
      changed.push(this.#remove(nameOf(gone.module)));
    }
    for (const rejected of list.rejected) {
      const ref = this.#reject(rejected);
      if (!rejectedBefore.has(keyOf(rejected))) {
        changed.push(ref);
      }
    }
    this.#listed = true;
    this.#settle();
    this.#tellListed();
    return changed;
  }

  #heard(module: WasmModule): void {
    const version = versionOf(module);
    if (version !== undefined && version > this.#newest) {
      this.#newest = version;
    }
  }

  #set(module: WasmModule, heardAt?: number): ModuleRef {
    const name = nameOf(module);
    const key = keyOf(name);
    const known = this.#modules.get(key);
    this.#moved ||= isMoved(known?.module, module);
    this.#drop(key);
    const kept: KeptModule = {
      module: leanModule(module),
      changeHeardAt: isChanged(known?.module, module)
        ? heardAt
        : known?.changeHeardAt,
      ...latestChange(module),
    };
    this.#modules.set(key, kept);
    this.#index.add(key, kept.module);
    this.#rejected.delete(key);
    return this.#ref(name);
  }

  #remove(name: ModuleName): ModuleRef {
    this.#drop(keyOf(name));
    // Its page knew of it by a problem, which names no module.
    this.#moved = this.#rejected.delete(keyOf(name)) || this.#moved;
    return this.#ref(name);
  }

  #reject(rejected: RejectedModule): ModuleRef {
    this.#drop(keyOf(rejected));
    this.#moved = true;
    this.#rejected.set(keyOf(rejected), rejected);
    return this.#ref(rejected);
  }

  #drop(key: string): void {
    const known = this.#modules.get(key);
    if (known) {
      this.#index.remove(key, known.module);
      this.#modules.delete(key);
    }
  }

  #cached({ module, changedAt, changedBy }: KeptModule): CachedModule {
    const clusterAheadMs = this.#clock();
    return {
      ref: this.#ref(nameOf(module)),
      module,
      ...(changedAt !== undefined && { changedAt }),
      ...(changedBy !== undefined && { changedBy }),
      observedAt: this.#observedAt,
      ...(clusterAheadMs !== undefined && { clusterAheadMs }),
    };
  }

  #ref(name: ModuleName): ModuleRef {
    return {
      cluster: this.cluster,
      namespace: name.namespace,
      name: name.name,
    };
  }
}

function isChanged(known: WasmModule | undefined, module: WasmModule): boolean {
  return (
    known?.metadata.uid !== module.metadata.uid ||
    known?.metadata.generation !== module.metadata.generation
  );
}

/** By its labels and its annotation it is found. */
function isMoved(known: WasmModule | undefined, module: WasmModule): boolean {
  const placed = ({ metadata: { labels, annotations } }: WasmModule) => [
    labels ?? {},
    annotations?.[ANNOTATION_ENTITY_REF],
  ];
  return (
    known === undefined || !isDeepStrictEqual(placed(known), placed(module))
  );
}

function nameOf(module: WasmModule): ModuleName {
  return {
    namespace: module.metadata.namespace ?? 'default',
    name: module.metadata.name,
  };
}

function keyOf(name: ModuleName): string {
  return `${name.namespace}/${name.name}`;
}

function versionOf(module: WasmModule): bigint | undefined {
  return toVersion(module.metadata.resourceVersion);
}
