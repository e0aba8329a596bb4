import type {
  ClusterProblem,
  Finding,
  HealthContext,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  ModuleCache,
  ModuleCompanions,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { EventReader, EventsAnswer } from './EventReader';

const PATIENCE_MS = 1_000;
const NOT_READ: EventsAnswer = {
  events: [],
  findings: [
    {
      code: 'EVENTS_NOT_READ',
      severity: 'info',
      path: 'events',
      message:
        'Events are missing: where they may not be watched, they are read for a few modules of an entity at most.',
      remedy: 'Grant list and watch on events to the account of the portal.',
    },
  ],
};

/** What tells of a module beside its status, and why some of it is missing. @internal */
export interface ReadCompanions {
  context: HealthContext;
  findings: Finding[];
  /** Why the health may not have its reason; of interest where it needs one. */
  healthFindings: Finding[];
  problem?: ClusterProblem;
}

/**
 * Reads what Knative and events tell of a module: from the cache, and events from
 * the cluster where only the module's own may be read.
 *
 * @internal
 */
export class CompanionReader {
  readonly #cache: Pick<ModuleCache, 'companions' | 'companionsSettled'>;
  readonly #events: Pick<EventReader, 'read'>;

  constructor(options: {
    cache: Pick<ModuleCache, 'companions' | 'companionsSettled'>;
    events: Pick<EventReader, 'read'>;
  }) {
    this.#cache = options.cache;
    this.#events = options.events;
  }

  /** Never fails: why something is missing is part of the answer. */
  async read(
    item: CachedModule,
    options: { mayAskCluster: boolean },
  ): Promise<ReadCompanions> {
    // Only of use in the first moments of a backend.
    await this.#cache.companionsSettled(
      item.ref,
      AbortSignal.timeout(PATIENCE_MS),
    );
    const found: ModuleCompanions = this.#cache.companions(item.ref) ?? {
      revisions: [],
      events: [],
      eventOrder: new Map(),
      problems: {},
    };
    const { service, revisions, eventOrder, problems } = found;
    const events: EventsAnswer =
      problems.events?.code === 'CLUSTER_FORBIDDEN'
        ? await this.#askForEvents(item, options)
        : { events: found.events, findings: findingsOfEvents(found) };
    return {
      context: {
        events: events.events,
        service,
        revisions,
        changedAt: item.changedAt,
        eventOrder,
      },
      findings: events.findings,
      healthFindings: findingsOfKnative(problems),
      problem: events.problem,
    };
  }

  async #askForEvents(
    item: CachedModule,
    options: { mayAskCluster: boolean },
  ): Promise<EventsAnswer> {
    return options.mayAskCluster ? this.#events.read(item) : NOT_READ;
  }
}

function findingsOfEvents({ events, problems }: ModuleCompanions): Finding[] {
  const problem = problems.events;
  return problem
    ? [
        {
          code: problem.code,
          severity: 'info',
          path: 'events',
          message: `${
            events.length > 0
              ? 'Newer events are missing'
              : 'Events are missing'
          }: ${problem.message}`,
          remedy: problem.remedy,
        },
      ]
    : [];
}

function findingsOfKnative(problems: ModuleCompanions['problems']): Finding[] {
  const problem = problems.services ?? problems.revisions;
  return problem
    ? [
        {
          code: problem.code,
          severity: 'info',
          path: 'status',
          message: `The reason may be missing: ${problem.message}`,
          remedy: problem.remedy,
        },
      ]
    : [];
}
