import type { Entity } from '@backstage/catalog-model';
import {
  deriveHealth,
  preflight,
  type ClusterProblem,
  type HealthContext,
  type LogsAnswer,
  type ModuleHealth,
  type ModuleListAnswer,
  type ModuleRef,
  type ModuleView,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ClusterCaller,
  Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { ArtifactReader } from './ArtifactReader';
import type { FoundModule } from './CollectedModules';
import type { CompanionReader } from './CompanionReader';
import type { EntityModules, ModuleSearch } from './EntityModules';
import type { FailureLogs } from './FailureLogs';
import { maskEnv } from './maskEnv';

// Where each costs the cluster a request.
const MAX_EVENT_READS = 20;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Reads modules of an entity as the portal shows them. @internal */
export class ModuleReader {
  readonly #modules: EntityModules;
  readonly #clusters: Clusters;
  readonly #companions: Pick<CompanionReader, 'read'>;
  readonly #logs: Pick<FailureLogs, 'read'>;
  readonly #artifacts: Pick<ArtifactReader, 'knownFacts'>;

  constructor(options: {
    modules: EntityModules;
    clusters: Clusters;
    companions: Pick<CompanionReader, 'read'>;
    logs: Pick<FailureLogs, 'read'>;
    artifacts: Pick<ArtifactReader, 'knownFacts'>;
  }) {
    this.#modules = options.modules;
    this.#clusters = options.clusters;
    this.#companions = options.companions;
    this.#logs = options.logs;
    this.#artifacts = options.artifacts;
  }

  async list(entity: Entity, search?: ModuleSearch): Promise<ModuleListAnswer> {
    const { items, problems, missing, userTokens } = await this.#modules.find(
      entity,
      search,
    );
    const read = await Promise.all(
      items.map((item, index) =>
        this.#read(item, { mayAskCluster: index < MAX_EVENT_READS }),
      ),
    );
    return {
      items: read.map(({ view }) => view),
      problems: withNewProblems(
        problems,
        read.map(({ problem }) => problem),
      ),
      missing,
      answeredAt: new Date().toISOString(),
      ...(userTokens.length > 0 && { userTokens }),
    };
  }

  async get(
    entity: Entity,
    ref: ModuleRef,
    caller?: ClusterCaller,
  ): Promise<ModuleView> {
    return this.view(await this.#modules.require(entity, ref, caller));
  }

  async view(item: FoundModule): Promise<ModuleView> {
    return (await this.#read(item, { mayAskCluster: true })).view;
  }

  async logs(
    entity: Entity,
    ref: ModuleRef,
    options: {
      tailLines: number;
      caller?: ClusterCaller;
      signal: AbortSignal;
    },
  ): Promise<LogsAnswer> {
    await this.#modules.require(entity, ref, options.caller);
    return {
      lines: await this.#clusters
        .client(ref.cluster, options.caller)
        .logs(ref, options),
    };
  }

  async #read(
    item: FoundModule,
    options: { mayAskCluster: boolean },
  ): Promise<{ view: ModuleView; problem?: ClusterProblem }> {
    const { ref, observedAt, clusterAheadMs } = item;
    const module = withoutNoise(item.module);
    const { context, findings, healthFindings, problem } =
      item.companions ?? (await this.#companions.read(item, options));
    const health = await this.#health(item, context);
    const needsReason = health.state !== 'ready' && health.state !== 'idle';
    return {
      view: {
        ref,
        module: maskEnv(module),
        health,
        findings: [
          ...preflight(module, this.#artifacts.knownFacts(module.spec.image)),
          ...findings,
          ...(needsReason ? healthFindings : []),
        ],
        events: context.events ?? [],
        observedAt,
        ...(clusterAheadMs !== undefined && { clusterAheadMs }),
      },
      problem,
    };
  }

  async #health(
    item: FoundModule,
    context: HealthContext,
  ): Promise<ModuleHealth> {
    const health = deriveHealth(item.module, context);
    return health.state === 'failed' && !item.companions
      ? deriveHealth(item.module, {
          ...context,
          logTail: await this.#logs.read(item),
        })
      : health;
  }
}

/** One for each cluster that nothing is said of yet. */
function withNewProblems(
  problems: ClusterProblem[],
  seen: (ClusterProblem | undefined)[],
): ClusterProblem[] {
  const all = [...problems];
  for (const problem of seen) {
    if (problem && !all.some(({ cluster }) => cluster === problem.cluster)) {
      all.push(problem);
    }
  }
  return all;
}

/**
 * managedFields and what kubectl last applied only repeat the module, secrets included.
 *
 * @internal
 */
export function withoutNoise(module: WasmModule): WasmModule {
  const { managedFields, annotations, ...metadata } = module.metadata;
  const { [LAST_APPLIED]: lastApplied, ...shown } = annotations ?? {};
  return {
    ...module,
    metadata: annotations ? { ...metadata, annotations: shown } : metadata,
  };
}
