import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import {
  parseImageReference,
  WasiError,
  type ModuleRef,
  type SyncMode,
  type SyncRequestTarget,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createModulePreflight,
  deployModule,
  type Clusters,
  type ImageVerifier,
  type ModuleCache,
  type ModulePreflight,
  type PublicImages,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { compareModule, fingerprintOf, type Comparison } from './compareModule';
import { recorded } from '../history/DeploymentRecorder';
import type { DeploymentLog } from '../history/types';
import type { HandChanges } from './HandChanges';
import type { Outages } from './Outages';
import {
  imageOf,
  namespaceOf,
  planModule,
  readFuncConfig,
  refuseErrors,
  type ModulePlan,
} from './planModule';
import type { ManifestProposals } from './pullRequests/ManifestProposals';
import type { Source } from './SourceReader';
import type { SyncPolicy } from './SyncPolicy';
import type { SyncRecord, SyncStore } from './SyncStore';
import type { WriteLimiter } from './WriteLimiter';

/** One environment to look at. @internal */
export interface SyncJob {
  entity: Entity;
  target: SyncRequestTarget;
  mode: SyncMode;
  source: Source;
  previous?: SyncRecord;
  /** Somebody waits for it: look, also where nothing seems to have changed. */
  requested: boolean;
  signal: AbortSignal;
}

interface SyncAction extends SyncJob {
  ref: ModuleRef;
  plan: ModulePlan;
  comparison: Comparison;
  entityRef: string;
}

/** What a look at one environment found. @internal */
export type SyncOutcome = Pick<
  SyncRecord,
  | 'ref'
  | 'state'
  | 'message'
  | 'code'
  | 'remedy'
  | 'drift'
  | 'pullRequestUrl'
  | 'managedBy'
  | 'deployed'
  | 'desiredHash'
  | 'proposedHash'
  | 'liveFingerprint'
  | 'nextRunAt'
  | 'inspected'
>;

/**
 * Brings one environment of an entity in step with its func.yaml, or tells why
 * it is left as it is.
 *
 * @internal
 */
export class TargetSync {
  readonly #clusters: Clusters;
  readonly #cache: Pick<ModuleCache, 'get' | 'observe' | 'problems'>;
  readonly #policy: SyncPolicy;
  readonly #images: PublicImages;
  readonly #preflight: ModulePreflight;
  readonly #verifier: ImageVerifier;
  readonly #store: Pick<SyncStore, 'suspension'>;
  readonly #handChanges: HandChanges;
  readonly #deployments: DeploymentLog;
  readonly #limiter: WriteLimiter;
  readonly #outages: Outages;
  readonly #proposals: ManifestProposals;

  constructor(options: {
    clusters: Clusters;
    cache: Pick<ModuleCache, 'get' | 'observe' | 'problems'>;
    policy: SyncPolicy;
    images: PublicImages;
    verifier: ImageVerifier;
    store: Pick<SyncStore, 'suspension'>;
    handChanges: HandChanges;
    deployments: DeploymentLog;
    limiter: WriteLimiter;
    outages: Outages;
    proposals: ManifestProposals;
  }) {
    this.#clusters = options.clusters;
    this.#cache = options.cache;
    this.#policy = options.policy;
    this.#images = options.images;
    this.#preflight = createModulePreflight(options);
    this.#verifier = options.verifier;
    this.#store = options.store;
    this.#handChanges = options.handChanges;
    this.#deployments = options.deployments;
    this.#limiter = options.limiter;
    this.#outages = options.outages;
    this.#proposals = options.proposals;
  }

  /** Where the environment is, as far as the entity itself tells. */
  place(target: SyncRequestTarget): Pick<ModuleRef, 'cluster'> {
    return { cluster: this.#clusters.client(target.cluster).cluster };
  }

  /** Undefined where nothing has changed since the last look. */
  async look(job: SyncJob): Promise<SyncOutcome | undefined> {
    const { entity, target, source, signal } = job;
    const config = readFuncConfig(source);
    const ref: ModuleRef = {
      ...this.place(target),
      namespace: namespaceOf(config, target),
      name: config.name,
    };
    const previous =
      nameOf(job.previous?.ref) === nameOf(ref) ? job.previous : undefined;
    this.#policy.require({
      entity,
      sources: [source.url, ...(source.overlay ? [source.overlay.url] : [])],
      target: ref,
      image: imageOf(config, target),
    });
    const plan = await this.#outages.guard(
      `registry ${parseImageReference(imageOf(config, target)).host}`,
      () =>
        planModule({
          ...job,
          config,
          images: this.#images,
          known: job.previous?.inspected,
        }),
    );
    this.#requireCluster(ref.cluster);
    const cached = fingerprintOf(this.#cache.get(ref)?.module);
    if (
      !job.requested &&
      previous &&
      previous.failures === 0 &&
      previous.state !== 'progressing' &&
      previous.mode === job.mode &&
      previous.desiredHash === plan.hash &&
      previous.liveFingerprint === cached &&
      !this.#proposals.isDue(previous, job.mode)
    ) {
      return undefined;
    }
    const entityRef = stringifyEntityRef(entity);
    const comparison = await this.#outages.guard(`cluster ${ref.cluster}`, () =>
      compareModule({
        client: this.#clusters.client(ref.cluster),
        module: plan.module,
        ref,
        entityRef,
        mode: job.mode,
        signal,
      }),
    );
    const outcome = await this.#act({
      ...job,
      previous,
      ref,
      plan,
      comparison,
      entityRef,
    });
    return {
      ...outcome,
      ref,
      desiredHash: plan.hash,
      inspected: plan.inspected,
    };
  }

  async #act(
    job: SyncAction,
  ): Promise<Omit<SyncOutcome, 'ref' | 'desiredHash' | 'inspected'>> {
    const { plan, comparison, mode, previous, entityRef, ref } = job;
    const { live, changes, managedBy } = comparison;
    const found = {
      drift: changes,
      managedBy,
      deployed: previous?.deployed ?? false,
      liveFingerprint: fingerprintOf(live),
    };
    if (mode === 'pull-request' && !(await this.#store.suspension(entityRef))) {
      const proposal = await this.#proposals.propose({
        ...job,
        module: plan.module,
        hash: plan.hash,
      });
      return { ...found, ...proposal };
    }
    if (changes.length === 0) {
      return {
        ...found,
        // What the entity's own apply made before this was kept here.
        deployed: found.deployed || (mode === 'apply' && live !== undefined),
        state: 'in-step',
        message: 'What runs is what func.yaml says.',
      };
    }
    if (mode === 'observe') {
      return {
        ...found,
        state: 'drifted',
        message: live
          ? 'What runs differs from func.yaml; this environment is only observed.'
          : 'Nothing runs; this environment is only observed.',
      };
    }
    if (managedBy !== undefined && mode === 'apply') {
      return {
        ...found,
        state: 'drifted',
        code: 'FIELD_MANAGER_CONFLICT',
        message: `What runs differs from func.yaml and is left alone, because ${managedBy} manages it.`,
        remedy: `Change it with ${managedBy}, or set the mode of this environment to pull-request or observe.`,
      };
    }
    const cached = this.#cache.get(ref);
    const { underway, suspension } = await this.#handChanges.check({
      ...job,
      live,
      manager:
        cached?.module.metadata.generation === live?.metadata.generation
          ? cached?.changedBy
          : undefined,
    });
    if (suspension) {
      return {
        ...found,
        state: 'drifted',
        message: `What runs differs from func.yaml; deploys are suspended by ${suspension.by}.`,
      };
    }
    if (underway) {
      return {
        ...found,
        state: 'progressing',
        message: `A change by ${underway.actor} is on its way; func.yaml is looked at again after it.`,
      };
    }
    return { ...found, ...(await this.#apply(job)) };
  }

  async #apply(job: SyncAction) {
    const { ref, plan, comparison, entityRef, source, signal } = job;
    refuseErrors(
      source,
      await this.#preflight.check({
        module: comparison.wanted,
        client: this.#clusters.client(ref.cluster),
        exists: comparison.live !== undefined,
        // Judged with the plan.
        withImage: false,
        signal,
      }),
    );
    await this.#verifier.verify(plan.module.spec.image, { signal });
    await this.#limiter.take(ref.cluster, signal);
    const module = await recorded(
      this.#deployments,
      {
        entity: entityRef,
        ref,
        action: comparison.live ? 'update' : 'create',
        origin: 'catalog',
        actor: source.url,
        module: comparison.wanted,
        before: comparison.live,
      },
      async () => {
        const deployed = await deployModule({
          client: this.#clusters.client(ref.cluster),
          module: comparison.wanted,
          entityRef,
          resourceVersion: comparison.live?.metadata.resourceVersion,
          signal,
        });
        return deployed.module;
      },
    );
    this.#cache.observe(ref.cluster, module);
    return {
      state: 'in-step' as const,
      message: `func.yaml was applied: ${describe(comparison)}.`,
      drift: [],
      deployed: true,
      liveFingerprint: fingerprintOf(module),
    };
  }

  /** A cluster that the watch cannot hear is not asked once more for each module. */
  #requireCluster(cluster: string): void {
    const problem = this.#cache
      .problems()
      .find(({ cluster: other }) => other === cluster);
    if (problem) {
      throw new WasiError(problem.code, {
        message: problem.message,
        remedy: problem.remedy,
      });
    }
  }
}

function nameOf(ref: ModuleRef | undefined): string {
  return ref ? `${ref.cluster}/${ref.namespace}/${ref.name}` : '';
}

function describe({ live, changes }: Comparison): string {
  if (!live) {
    return 'the module is new';
  }
  const paths = changes.map(({ path }) => path);
  return paths.length > 5
    ? `${paths.length} fields changed`
    : `${paths.join(', ')} changed`;
}
