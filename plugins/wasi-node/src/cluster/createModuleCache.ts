import {
  ANNOTATION_ENTITY_REF,
  type ClusterProblem,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { BackOff } from './backOff';
import { ClusterModules, type CachedModule } from './ClusterModules';
import { followModules } from './followModules';
import { matchLabelSelector } from './matchLabelSelector';
import { toClusterProblem } from './toClusterProblem';
import type { Clusters, RejectedModule, WasmModuleClient } from './types';

/** Which cached modules to find; all conditions must hold. @public */
export interface CachedModuleQuery {
  cluster?: string;
  namespace?: string;
  name?: string;
  labelSelector?: string;
  /** The entity that the module's annotation names. */
  entityRef?: string;
}

/** What the cache knows of a query, beside what it cannot know. @public */
export interface CachedModules {
  items: CachedModule[];
  /** Rows that match the query and are no WasmModule. */
  rejected: (RejectedModule & { cluster: string })[];
}

/**
 * The modules of all clusters, kept up to date in memory by one watch each.
 *
 * @public
 */
export interface ModuleCache {
  /** Starts following; does nothing the second time. */
  start(): void;
  /** Ends all watches. */
  stop(): Promise<void>;
  /** Resolves when every cluster has been listed or has a problem, or on abort. */
  settled(signal: AbortSignal): Promise<void>;
  find(query: CachedModuleQuery): CachedModules;
  get(ref: ModuleRef): CachedModule | undefined;
  /** Takes the answer of a write, so that the writer reads it back at once. */
  observe(cluster: string, module: WasmModule): void;
  /** One per cluster that cannot be heard now. */
  problems(): ClusterProblem[];
}

/**
 * Creates a cache that follows every cluster that can be used.
 *
 * `onChange` is called with the refs that changed, synchronously and often:
 * batching is the caller's.
 *
 * @public
 */
export function createModuleCache(options: {
  clusters: Clusters;
  onChange?: (refs: ModuleRef[]) => void;
  backOff?: BackOff;
  now?: () => Date;
}): ModuleCache {
  const { clusters, onChange = () => {}, backOff } = options;
  const now = options.now ?? (() => new Date());
  const stopped = new AbortController();
  const followed = new Map<string, ClusterModules>();
  const running: Promise<void>[] = [];
  let started = false;

  const follow = async (
    client: WasmModuleClient,
    modules: ClusterModules,
  ): Promise<void> => {
    const events = followModules({
      client,
      signal: stopped.signal,
      backOff,
    });
    for await (const event of events) {
      const changed = modules.apply(event, now());
      if (changed.length > 0) {
        onChange(changed);
      }
    }
  };

  const usable = () =>
    clusters.names().filter(cluster => cluster.problem === undefined);

  return {
    start() {
      if (started) {
        return;
      }
      started = true;
      for (const { name } of usable()) {
        const modules = new ClusterModules(name);
        followed.set(name, modules);
        running.push(follow(clusters.client(name), modules));
      }
    },
    async stop() {
      stopped.abort();
      await Promise.all(running);
    },
    async settled(signal) {
      await Promise.all(
        [...followed.values()].map(modules => modules.settled(signal)),
      );
    },
    find(query) {
      const labels = query.labelSelector
        ? matchLabelSelector(query.labelSelector)
        : () => true;
      const entityRef = query.entityRef?.toLocaleLowerCase('en-US');
      const matches = (row: {
        namespace?: string;
        name: string;
        labels?: Record<string, string>;
        annotations?: Record<string, string>;
      }) =>
        (!query.namespace || row.namespace === query.namespace) &&
        (!query.name || row.name === query.name) &&
        (!entityRef ||
          row.annotations?.[ANNOTATION_ENTITY_REF]?.toLocaleLowerCase(
            'en-US',
          ) === entityRef) &&
        labels(row.labels);
      const found: CachedModules = { items: [], rejected: [] };
      for (const modules of followed.values()) {
        if (query.cluster && modules.cluster !== query.cluster) {
          continue;
        }
        for (const cached of modules.all()) {
          if (matches(cached.module.metadata)) {
            found.items.push(cached);
          }
        }
        for (const rejected of modules.rejected()) {
          if (matches(rejected)) {
            found.rejected.push({ ...rejected, cluster: modules.cluster });
          }
        }
      }
      return found;
    },
    get(ref) {
      return followed.get(ref.cluster)?.get(ref);
    },
    observe(cluster, module) {
      const changed = followed.get(cluster)?.observe(module, now());
      if (changed) {
        onChange([changed]);
      }
    },
    problems() {
      return [
        ...clusters
          .names()
          .flatMap(cluster => (cluster.problem ? [cluster.problem] : [])),
        ...[...followed.values()].flatMap(modules =>
          modules.problem
            ? [toClusterProblem(modules.cluster, modules.problem)]
            : [],
        ),
      ];
    },
  };
}
