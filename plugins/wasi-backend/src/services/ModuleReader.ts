import type { Entity } from '@backstage/catalog-model';
import {
  deriveHealth,
  preflight,
  type ClusterProblem,
  type LogsAnswer,
  type ModuleListAnswer,
  type ModuleRef,
  type ModuleView,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  ClusterCaller,
  Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { ArtifactReader } from './ArtifactReader';
import type { EntityModules } from './EntityModules';
import type { EventReader, EventsAnswer } from './EventReader';
import { maskEnv } from './maskEnv';

// Of more modules than this, some are listed without events: ready ones before others.
const MAX_EVENT_READS = 20;
const NOT_READ: EventsAnswer = {
  events: [],
  findings: [
    {
      code: 'EVENTS_NOT_READ',
      severity: 'info',
      path: 'events',
      message: `Events are missing: they are read for ${MAX_EVENT_READS} modules of an entity at most.`,
      remedy:
        'Read them with kubectl, or choose fewer modules in the annotations of the entity.',
    },
  ],
};
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Reads modules of an entity as the portal shows them. @internal */
export class ModuleReader {
  readonly #modules: EntityModules;
  readonly #clusters: Clusters;
  readonly #events: Pick<EventReader, 'read'>;
  readonly #artifacts: Pick<ArtifactReader, 'knownFacts'>;

  constructor(options: {
    modules: EntityModules;
    clusters: Clusters;
    events: Pick<EventReader, 'read'>;
    artifacts: Pick<ArtifactReader, 'knownFacts'>;
  }) {
    this.#modules = options.modules;
    this.#clusters = options.clusters;
    this.#events = options.events;
    this.#artifacts = options.artifacts;
  }

  async list(entity: Entity): Promise<ModuleListAnswer> {
    const { items, problems, missing } = await this.#modules.find(entity);
    const withEvents = new Set(
      [...items]
        .sort((a, b) => Number(isReady(a.module)) - Number(isReady(b.module)))
        .slice(0, MAX_EVENT_READS),
    );
    const read = await Promise.all(
      items.map(async item => ({
        item,
        answer: withEvents.has(item) ? await this.#events.read(item) : NOT_READ,
      })),
    );
    return {
      items: read.map(({ item, answer }) => this.#toView(item, answer)),
      problems: withNewProblems(
        problems,
        read.map(({ answer }) => answer.problem),
      ),
      missing,
    };
  }

  async get(entity: Entity, ref: ModuleRef): Promise<ModuleView> {
    return this.view(await this.#modules.require(entity, ref));
  }

  async view(item: CachedModule): Promise<ModuleView> {
    return this.#toView(item, await this.#events.read(item));
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
    await this.#modules.require(entity, ref);
    return {
      lines: await this.#clusters
        .client(ref.cluster, options.caller)
        .logs(ref, options),
    };
  }

  #toView(item: CachedModule, { events, findings }: EventsAnswer): ModuleView {
    const { ref, observedAt } = item;
    const module = withoutNoise(item.module);
    return {
      ref,
      module: maskEnv(module),
      health: deriveHealth(module, { events }),
      findings: [
        ...preflight(module, this.#artifacts.knownFacts(module.spec.image)),
        ...findings,
      ],
      events,
      observedAt,
    };
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

function isReady(module: WasmModule): boolean {
  return deriveHealth(module).state === 'ready';
}

// managedFields and what kubectl last applied only repeat the module, secrets included.
function withoutNoise(module: WasmModule): WasmModule {
  const { managedFields, annotations, ...metadata } = module.metadata;
  const { [LAST_APPLIED]: lastApplied, ...shown } = annotations ?? {};
  return {
    ...module,
    metadata: annotations ? { ...metadata, annotations: shown } : metadata,
  };
}
