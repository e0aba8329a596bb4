import type { Entity } from '@backstage/catalog-model';
import {
  deriveHealth,
  isWasiError,
  preflight,
  type Finding,
  type LogsAnswer,
  type ModuleEvent,
  type ModuleListAnswer,
  type ModuleRef,
  type ModuleView,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { ArtifactReader } from './ArtifactReader';
import type { EntityModules } from './EntityModules';
import { maskEnv } from './maskEnv';

const EVENTS_TIMEOUT_MS = 3_000;
// More modules than this are listed without their events.
const MAX_EVENT_READS = 10;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Reads modules of an entity as the portal shows them. @internal */
export class ModuleReader {
  readonly #modules: EntityModules;
  readonly #clusters: Clusters;
  readonly #artifacts: Pick<ArtifactReader, 'knownFacts'>;

  constructor(options: {
    modules: EntityModules;
    clusters: Clusters;
    artifacts: Pick<ArtifactReader, 'knownFacts'>;
  }) {
    this.#modules = options.modules;
    this.#clusters = options.clusters;
    this.#artifacts = options.artifacts;
  }

  async list(entity: Entity): Promise<ModuleListAnswer> {
    const { items, problems, missing } = await this.#modules.find(entity);
    let reads = 0;
    const views = items.map(item => {
      const withEvents = !isReady(item.module) && reads < MAX_EVENT_READS;
      reads += withEvents ? 1 : 0;
      return this.#view(item, { withEvents });
    });
    return { items: await Promise.all(views), problems, missing };
  }

  async get(entity: Entity, ref: ModuleRef): Promise<ModuleView> {
    return this.view(await this.#modules.require(entity, ref));
  }

  async view(item: CachedModule): Promise<ModuleView> {
    return this.#view(item, { withEvents: !isReady(item.module) });
  }

  async logs(
    entity: Entity,
    ref: ModuleRef,
    options: { tailLines: number; signal: AbortSignal },
  ): Promise<LogsAnswer> {
    await this.#modules.require(entity, ref);
    return {
      lines: await this.#clusters.client(ref.cluster).logs(ref, options),
    };
  }

  async #view(
    item: CachedModule,
    options: { withEvents: boolean },
  ): Promise<ModuleView> {
    const { ref, observedAt } = item;
    const module = withoutNoise(item.module);
    const { events, findings } = options.withEvents
      ? await this.#events(item)
      : { events: [], findings: [] };
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

  async #events(
    item: CachedModule,
  ): Promise<{ events: ModuleEvent[]; findings: Finding[] }> {
    try {
      const events = await this.#clusters
        .client(item.ref.cluster)
        .events(item.ref, {
          uid: item.module.metadata.uid,
          signal: AbortSignal.timeout(EVENTS_TIMEOUT_MS),
        });
      return { events, findings: [] };
    } catch (error) {
      return { events: [], findings: [eventsFinding(error)] };
    }
  }
}

function eventsFinding(error: unknown): Finding {
  return isWasiError(error)
    ? {
        code: error.code,
        severity: 'info',
        message: `Events are missing: ${error.message}`,
        remedy: error.remedy,
      }
    : {
        code: 'CLUSTER_UNREACHABLE',
        severity: 'info',
        message: 'Events are missing: the cluster did not answer in time.',
        remedy: 'Load again.',
      };
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
