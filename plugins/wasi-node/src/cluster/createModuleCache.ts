import {
  ANNOTATION_ENTITY_REF,
  type ClusterProblem,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { BackOff } from './backOff';
import type { ModuleCompanions } from './ClusterCompanions';
import type { CachedModule } from './ClusterModules';
import { FollowedScope } from './FollowedScope';
import { matchLabelSelector } from './matchLabelSelector';
import { toClusterProblem } from './toClusterProblem';
import type { Clusters, RejectedModule } from './types';

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
 * The modules of all clusters and what tells of them, kept up to date in memory
 * by one watch for each cluster and resource.
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
  /** Resolves when all that tells of a module was listed or has a problem, or on abort. */
  companionsSettled(ref: ModuleRef, signal: AbortSignal): Promise<void>;
  /** What Knative and events tell of a module; undefined for a cluster that is not followed. */
  companions(ref: ModuleRef): ModuleCompanions | undefined;
  /** Takes the answer of a write, so that the writer reads it back at once. */
  observe(cluster: string, module: WasmModule): void;
  /** One per cluster that cannot be heard now. */
  problems(): ClusterProblem[];
}

/**
 * Creates a cache that follows every cluster that can be used, also those that
 * come later.
 *
 * `onChange` is called with the refs that changed, synchronously and often:
 * batching is the caller's; `moved` where one of them came, or may belong to
 * other entities than before. `onProblem` is called with a cluster whose problem came, went or
 * is another one, once each time.
 *
 * @param options - `namespaces`: by cluster, those to follow one by one, where
 * the account may not list the whole cluster. `pulseMs`: how often a
 * cluster is asked whether it still answers us.
 * @public
 */
export function createModuleCache(options: {
  clusters: Clusters;
  namespaces?: Record<string, string[]>;
  onChange?: (refs: ModuleRef[], moved: boolean) => void;
  onProblem?: (cluster: string) => void;
  backOff?: BackOff;
  now?: () => Date;
  pulseMs?: number;
}): ModuleCache {
  const { clusters, namespaces = {} } = options;
  const { onChange = () => {}, onProblem = () => {} } = options;
  const { backOff, pulseMs } = options;
  const now = options.now ?? (() => new Date());
  const followed = new Map<string, FollowedScope[]>();
  const stopping = new Set<Promise<void>>();
  let unusable = new Map<string, string>();
  let unsubscribe: (() => void) | undefined;
  let phase: 'new' | 'started' | 'stopped' = 'new';

  const follow = (name: string) => {
    const client = clusters.client(name);
    const listed = namespaces[name] ?? [];
    const scopes = listed.length > 0 ? listed : [undefined];
    followed.set(
      name,
      scopes.map(
        namespace =>
          new FollowedScope({
            client,
            namespace,
            onChange,
            onProblem: () => onProblem(name),
            now,
            backOff,
            pulseMs,
          }),
      ),
    );
  };

  const leave = (name: string) => {
    const scopes = followed.get(name) ?? [];
    followed.delete(name);
    for (const scope of scopes) {
      const gone = scope.modules.candidates({}).map(({ ref }) => ref);
      if (gone.length > 0 && phase === 'started') {
        onChange(gone, false);
      }
      const stopped = scope.stop().finally(() => stopping.delete(stopped));
      stopping.add(stopped);
    }
  };

  /** Follows what is configured now, and nothing else. */
  const adapt = () => {
    const names = clusters.names();
    const usable = new Set(
      names
        .filter(({ problem }) => problem === undefined)
        .map(({ name }) => name),
    );
    const before = unusable;
    unusable = new Map(
      names.flatMap(({ name, problem }) =>
        problem ? [[name, problem.code]] : [],
      ),
    );
    for (const [name, [{ client }]] of [...followed]) {
      if (!usable.has(name) || clusters.client(name) !== client) {
        leave(name);
      }
    }
    for (const name of usable) {
      if (!followed.has(name)) {
        follow(name);
      }
    }
    for (const name of new Set([...before.keys(), ...unusable.keys()])) {
      if (before.get(name) !== unusable.get(name)) {
        onProblem(name);
      }
    }
  };

  const scopesOf = (cluster: string | undefined) =>
    cluster === undefined
      ? [...followed.values()].flat()
      : followed.get(cluster) ?? [];

  const scopeOf = (ref: { cluster: string; namespace: string }) =>
    scopesOf(ref.cluster).find(
      ({ namespace }) => namespace === undefined || namespace === ref.namespace,
    );

  return {
    start() {
      if (phase === 'new') {
        phase = 'started';
        adapt();
        unsubscribe = clusters.onChange?.(adapt);
      }
    },
    async stop() {
      phase = 'stopped';
      unsubscribe?.();
      await Promise.all([
        ...scopesOf(undefined).map(scope => scope.stop()),
        ...stopping,
      ]);
    },
    async settled(signal) {
      await Promise.all(
        scopesOf(undefined).map(({ modules }) => modules.settled(signal)),
      );
    },
    async companionsSettled(ref, signal) {
      await scopeOf(ref)?.companions.settled(signal);
    },
    find(query) {
      const matches = matcherOf(query);
      const found: CachedModules = { items: [], rejected: [] };
      for (const { modules } of scopesOf(query.cluster)) {
        for (const cached of modules.candidates(query)) {
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
      return scopeOf(ref)?.modules.get(ref);
    },
    companions(ref) {
      const scope = scopeOf(ref);
      return scope?.companions.of({
        ...ref,
        uid: scope.modules.get(ref)?.module.metadata.uid,
        changeHeardAt: scope.modules.changeHeardAt(ref),
      });
    },
    observe(cluster, module) {
      const namespace = module.metadata.namespace ?? 'default';
      const changed = scopeOf({ cluster, namespace })?.modules.observe(
        module,
        now(),
      );
      if (changed) {
        onChange(changed.refs, changed.moved);
      }
    },
    problems() {
      return [
        ...clusters
          .names()
          .flatMap(cluster => (cluster.problem ? [cluster.problem] : [])),
        ...[...followed].flatMap(([cluster, scopes]) => {
          const problem = scopes.find(({ modules }) => modules.problem)?.modules
            .problem;
          return problem ? [toClusterProblem(cluster, problem)] : [];
        }),
      ];
    },
  };
}

function matcherOf(query: CachedModuleQuery) {
  const labels = query.labelSelector
    ? matchLabelSelector(query.labelSelector)
    : () => true;
  const entityRef = query.entityRef?.toLocaleLowerCase('en-US');
  return (row: {
    namespace?: string;
    name: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  }) =>
    (!query.namespace || row.namespace === query.namespace) &&
    (!query.name || row.name === query.name) &&
    (!entityRef ||
      row.annotations?.[ANNOTATION_ENTITY_REF]?.toLocaleLowerCase('en-US') ===
        entityRef) &&
    labels(row.labels);
}
