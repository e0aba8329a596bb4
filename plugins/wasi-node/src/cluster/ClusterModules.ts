import {
  WasiError,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { FollowEvent } from './followModules';
import type { ModuleList, ModuleName, RejectedModule } from './types';

/** A module as the cache holds it. @public */
export interface CachedModule {
  ref: ModuleRef;
  /** Without managedFields. */
  module: WasmModule;
  /** When its cluster was last heard, RFC 3339. */
  observedAt: string;
}

/**
 * What is known of one cluster: events in, refs that changed out.
 *
 * @internal
 */
export class ClusterModules {
  readonly cluster: string;
  readonly #modules = new Map<string, WasmModule>();
  readonly #rejected = new Map<string, RejectedModule>();
  readonly #settled: Promise<void>;
  #settle: () => void = () => {};
  #observedAt = '';
  #problem: WasiError | undefined;
  #listed = false;
  // Newest version that list or watch told; a write's answer counts only beyond it.
  #newest = -1n;

  constructor(cluster: string) {
    this.cluster = cluster;
    this.#settled = new Promise(resolve => {
      this.#settle = resolve;
    });
  }

  /** Why the cluster cannot be heard now; also where it has not answered yet. */
  get problem(): WasiError | undefined {
    if (this.#problem || this.#listed) {
      return this.#problem;
    }
    return new WasiError('CLUSTER_UNREACHABLE', {
      message: `Cluster "${this.cluster}" has not answered yet.`,
      remedy: 'Wait a moment and load again.',
    });
  }

  get(name: ModuleName): CachedModule | undefined {
    const module = this.#modules.get(keyOf(name));
    return module && this.#cached(module);
  }

  all(): CachedModule[] {
    return [...this.#modules.values()].map(module => this.#cached(module));
  }

  rejected(): RejectedModule[] {
    return [...this.#rejected.values()];
  }

  /** Resolves once the cluster was listed or has a problem, or on abort. */
  async settled(signal: AbortSignal): Promise<void> {
    if (signal.aborted) {
      return;
    }
    let stop = () => {};
    const aborted = new Promise<void>(resolve => {
      stop = resolve;
      signal.addEventListener('abort', stop, { once: true });
    });
    await Promise.race([this.#settled, aborted]);
    signal.removeEventListener('abort', stop);
  }

  apply(event: FollowEvent, at: Date): ModuleRef[] {
    if (event.type === 'PROBLEM') {
      this.#problem = event.error;
      this.#settle();
      return [];
    }
    this.#observedAt = at.toISOString();
    this.#problem = undefined;
    switch (event.type) {
      case 'LISTED':
        return this.#replaceAll(event.list);
      case 'CHANGED':
        this.#heard(event.module);
        return this.#isPast(event.module) ? [] : [this.#set(event.module)];
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
  observe(module: WasmModule, at: Date): ModuleRef | undefined {
    const version = versionOf(module);
    // Without numbers to compare the watch decides alone.
    if (version === undefined || version <= this.#newest) {
      return undefined;
    }
    this.#observedAt = at.toISOString();
    return this.#set(module);
  }

  /** A write's answer may come before what the watch told of the time before it. */
  #isPast(module: WasmModule): boolean {
    const known = this.#modules.get(keyOf(nameOf(module)));
    const [then, now] = [versionOf(module), known && versionOf(known)];
    return then !== undefined && now !== undefined && then < now;
  }

  #replaceAll(list: ModuleList): ModuleRef[] {
    const before = new Map(this.#modules);
    const rejectedBefore = new Set(this.#rejected.keys());
    this.#modules.clear();
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
        !known ||
        known.metadata.resourceVersion !== module.metadata.resourceVersion
      ) {
        changed.push(ref);
      }
    }
    for (const gone of before.values()) {
      changed.push(this.#ref(nameOf(gone)));
    }
    for (const rejected of list.rejected) {
      const ref = this.#reject(rejected);
      if (!rejectedBefore.has(keyOf(rejected))) {
        changed.push(ref);
      }
    }
    this.#listed = true;
    this.#settle();
    return changed;
  }

  #heard(module: WasmModule): void {
    const version = versionOf(module);
    if (version !== undefined && version > this.#newest) {
      this.#newest = version;
    }
  }

  #set(module: WasmModule): ModuleRef {
    const name = nameOf(module);
    const { managedFields, ...metadata } = module.metadata;
    this.#modules.set(keyOf(name), { ...module, metadata });
    this.#rejected.delete(keyOf(name));
    return this.#ref(name);
  }

  #remove(name: ModuleName): ModuleRef {
    this.#modules.delete(keyOf(name));
    this.#rejected.delete(keyOf(name));
    return this.#ref(name);
  }

  #reject(rejected: RejectedModule): ModuleRef {
    this.#modules.delete(keyOf(rejected));
    this.#rejected.set(keyOf(rejected), rejected);
    return this.#ref(rejected);
  }

  #cached(module: WasmModule): CachedModule {
    return {
      ref: this.#ref(nameOf(module)),
      module,
      observedAt: this.#observedAt,
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

// Versions of one resource are decimal numbers that grow:
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
function toVersion(text = ''): bigint | undefined {
  return /^\d+$/.test(text) ? BigInt(text) : undefined;
}
