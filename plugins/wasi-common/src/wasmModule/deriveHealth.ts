import { catalogue, type WasiErrorCode } from '../diagnosis';
import { findFailureCause } from './failureCauses';
import type { HealthState, ModuleHealth } from './health.types';
import { findRefusal } from './findRefusal';
import { findTrouble, newestRevisionName, type Trouble } from './findTrouble';
import type {
  Condition,
  KnativeRevision,
  KnativeService,
  ModuleEvent,
  WasmModule,
} from './types';

const READY = 'Ready';
/** The controller's word for a Knative Service that is not there or not ready yet. */
const SERVICE_UNAVAILABLE = 'ServiceUnavailable';
const MAX_MESSAGE_LENGTH = 4_000;
/** Of a Service that repeats its Route, which waits for a Revision; why, that Revision says. */
const NO_READY_REVISION = /does not have any ready Revision/;
/** Of a container that wrote nothing, after the word of Knative and before its full stop. */
const SAID_NOTHING = /Container failed with:[\s.]*$/;

/**
 * What tells more about a module than its status does.
 *
 * @public
 */
export interface HealthContext {
  events?: ModuleEvent[];
  /** Last lines of the module's log, oldest first. */
  logTail?: string[];
  /** The Knative Service that the controller made for it; absent where it is not known. */
  service?: KnativeService;
  /** Of that Service, newest last. */
  revisions?: KnativeRevision[];
  /** When somebody last wrote to the module, RFC 3339; read from managedFields where absent. */
  changedAt?: string;
  /**
   * Which events were heard before and which after that change; of those that are
   * missing, their times decide, which clocks of different machines wrote.
   */
  eventOrder?: ReadonlyMap<ModuleEvent, 'before' | 'after'>;
}

/**
 * Derives a module's health from its conditions, whatever their order, and
 * from its Knative Service and Revisions, its events and its log where the
 * conditions do not tell the cause.
 *
 * @public
 */
export function deriveHealth(
  module: WasmModule,
  context: HealthContext = {},
): ModuleHealth {
  const { metadata, status } = module;
  if (metadata.deletionTimestamp !== undefined) {
    return health('progressing', 'MODULE_DELETING', {
      message: 'The module is being deleted.',
    });
  }

  const ready = findReady(status?.conditions ?? []);
  const others = findProblems(status?.conditions ?? []);
  const refusal = findRefusal(module, context);

  if (isStale(module, ready)) {
    return ready?.status === 'True' && refusal
      ? health('degraded', refusal.code, {
          reason: refusal.reason,
          message: `The last change was refused: ${refusal.summary}. The version before it still runs.`,
          remedy: refusal.remedy,
        })
      : health('progressing', 'MODULE_NOT_OBSERVED', {
          message: 'The controller has not looked at the last change yet.',
        });
  }
  if (!ready) {
    return withoutReady(module, others, refusal);
  }
  const told = { ready, refusal, context };
  switch (ready.status) {
    case 'True':
      return whenReady(module, { ...told, others });
    case 'False':
      return whenNotReady(module, told);
    default:
      return whenStarting(ready, context);
  }
}

function isStale(
  { metadata, status }: WasmModule,
  ready: Condition | undefined,
): boolean {
  const { generation } = metadata;
  // Ready counts for the generation that it names; without one, for none.
  const observed =
    status?.observedGeneration ?? (ready?.status === 'True' ? 0 : generation);
  return (
    generation !== undefined && observed !== undefined && observed < generation
  );
}

type Refusal = ReturnType<typeof findRefusal>;

function withoutReady(
  module: WasmModule,
  others: Condition[],
  refusal: Refusal,
): ModuleHealth {
  if (refusal) {
    return refused(module, refusal);
  }
  const [problem] = others;
  return problem
    ? health('unknown', 'MODULE_UNKNOWN_CONDITION', {
        reason: problem.reason,
        message: describe(problem),
      })
    : health('unknown', 'MODULE_NOT_OBSERVED', {
        message: 'The controller has not looked at the module yet.',
      });
}

interface Told {
  ready: Condition;
  refusal: Refusal;
  context: HealthContext;
}

function whenReady(
  module: WasmModule,
  told: Told & { others: Condition[] },
): ModuleHealth {
  const { ready, context } = told;
  const { service } = context;
  const serviceReady = service && findReady(service.conditions);
  // The controller may repeat what the Service said of the version before.
  if (service && isBehind(service)) {
    return health('progressing', 'MODULE_NOT_OBSERVED', {
      message: 'Knative has not looked at the last change yet.',
    });
  }
  if (serviceReady?.status === 'Unknown') {
    return whenStarting(serviceReady, context);
  }
  if (serviceReady?.status === 'False') {
    return failed(module, serviceReady, context);
  }
  const [problem] = told.others;
  if (problem) {
    return health('degraded', 'MODULE_UNKNOWN_CONDITION', {
      reason: problem.reason,
      message: `The module is ready, but ${describe(problem)}`,
    });
  }
  const idle = noTraffic(context);
  const url = module.status?.address?.url;
  const at = url ? ` at ${url}` : '';
  return idle
    ? {
        state: 'idle',
        reason: idle.reason,
        message: `The module is ready${at} and scaled to zero: the next request starts it.`,
      }
    : {
        state: 'ready',
        ...(ready.reason !== undefined && { reason: ready.reason }),
        message: `The module is ready${at}.`,
      };
}

function whenNotReady(module: WasmModule, told: Told): ModuleHealth {
  const { ready, refusal, context } = told;
  // This reason alone does not tell a start from a refusal: what else is known does.
  if (ready.reason && ready.reason !== SERVICE_UNAVAILABLE) {
    return failed(module, ready, context);
  }
  if (refusal) {
    return refused(module, refusal);
  }
  const ofService = context.service && findReady(context.service.conditions);
  if (ofService?.status === 'False' && !isBehind(context.service!)) {
    return failed(module, ofService, context);
  }
  const trouble = troubleOf(context);
  return trouble
    ? troubled(trouble, context)
    : health('progressing', 'MODULE_STARTING', {
        reason: ready.reason,
        message:
          'The module is starting: its Knative Service is not ready yet.',
      });
}

function whenStarting(ready: Condition, context: HealthContext): ModuleHealth {
  const trouble = troubleOf(context);
  return trouble
    ? troubled(trouble, context)
    : health('progressing', 'MODULE_STARTING', {
        reason: ready.reason,
        message: ready.message
          ? `The controller is at work: ${sentence(ready.message)}`
          : 'The controller is at work.',
      });
}

/** Its condition says that it failed; the cause may stand elsewhere. */
function failed(
  module: WasmModule,
  condition: Condition,
  context: HealthContext,
): ModuleHealth {
  const before = earlier(module);
  const newest = context.revisions?.at(-1);
  const { reason, message = '' } = decisive(condition, newest);
  const said = [
    message,
    ...(newest?.conditions ?? [])
      .filter(({ status }) => status === 'False')
      .map(one => one.message ?? ''),
  ].join('\n');
  const cause =
    findFailureCause(said) ?? troubleOf(context) ?? fromLog(context);
  return cause
    ? health('failed', cause.code, {
        reason,
        message: `The module failed: ${cause.summary}.${before}`,
        remedy: cause.remedy,
      })
    : health('failed', 'MODULE_REVISION_FAILED', {
        reason,
        message: `The module failed: ${sentence(
          whatFailed(message, newest) || reason || 'no reason is given',
        )}${before}`,
      });
}

/** The newest Revision's own, where the Service only says that there is none that is ready. */
function decisive(
  condition: Condition,
  newest: KnativeRevision | undefined,
): Condition {
  const ofRevision = findReady(newest?.conditions ?? []);
  return NO_READY_REVISION.test(condition.message ?? '') &&
    ofRevision?.status === 'False'
    ? ofRevision
    : condition;
}

function whatFailed(
  message: string,
  newest: KnativeRevision | undefined,
): string {
  if (!SAID_NOTHING.test(message)) {
    return message;
  }
  const [code] = (newest?.conditions ?? []).flatMap(
    ({ reason = '' }) => /^ExitCode(\d+)$/.exec(reason)?.[1] ?? [],
  );
  return code === undefined
    ? 'the runner ended and said nothing'
    : `the runner ended with code ${code} and said nothing`;
}

function fromLog({ logTail = [] }: HealthContext) {
  return findFailureCause('', logTail);
}

/** Not called a failure by Knative yet, which takes ten minutes for some. */
function troubled(trouble: Trouble, context: HealthContext): ModuleHealth {
  // That it ends says less than why.
  const cause =
    (trouble.code === 'MODULE_CRASHED' && fromLog(context)) || trouble;
  return health(trouble.isPassing ? 'progressing' : 'failed', cause.code, {
    reason: trouble.reason,
    message: trouble.isPassing
      ? `The module cannot start yet: ${cause.summary}.`
      : `The module does not start: ${cause.summary}.`,
    remedy: cause.remedy,
  });
}

function troubleOf({
  service,
  revisions = [],
  events = [],
}: HealthContext): Trouble | undefined {
  const name = service?.latestCreatedRevision ?? revisions.at(-1)?.name;
  const newest = revisions.find(revision => revision.name === name);
  return findTrouble(
    newest ?? { name: name ?? newestRevisionName(events) },
    events,
  );
}

function isBehind({ generation, observedGeneration }: KnativeService): boolean {
  return (
    generation !== undefined &&
    observedGeneration !== undefined &&
    observedGeneration < generation
  );
}

/** Knative keeps no pod of a revision that nobody asks for. */
function noTraffic(context: HealthContext): Condition | undefined {
  const { service, revisions = [] } = context;
  const serving = service?.latestReadyRevision
    ? revisions.find(({ name }) => name === service.latestReadyRevision)
    : revisions.at(-1);
  return serving?.conditions.find(
    ({ type, status, reason }) =>
      type === 'Active' && status === 'False' && reason === 'NoTraffic',
  );
}

function refused(
  module: WasmModule,
  refusal: NonNullable<Refusal>,
): ModuleHealth {
  return health('failed', refusal.code, {
    reason: refusal.reason,
    message: `The controller cannot deploy the module: ${
      refusal.summary
    }.${earlier(module)}`,
    remedy: refusal.remedy,
  });
}

/** The address is written when a version was ready, and Knative keeps that version until the next is. */
function earlier({ metadata, status }: WasmModule): string {
  return status?.address?.url && (metadata.generation ?? 1) > 1
    ? ' The version before it may still answer.'
    : '';
}

/** Should there be two, the one that changed last counts, then the worse one. */
function findReady(conditions: Condition[]): Condition | undefined {
  const badness = { True: 0, Unknown: 1, False: 2 };
  return conditions
    .filter(condition => condition.type === READY)
    .sort(
      (a, b) => timeOf(b) - timeOf(a) || badness[b.status] - badness[a.status],
    )
    .at(0);
}

/** Knative marks conditions that do not matter for readiness by their severity. */
function findProblems(conditions: Condition[]): Condition[] {
  return conditions
    .filter(
      condition =>
        condition.type !== READY &&
        condition.status === 'False' &&
        condition.severity !== 'Info',
    )
    .sort((a, b) => (a.type < b.type ? -1 : 1));
}

function timeOf(condition: Condition): number {
  return Date.parse(condition.lastTransitionTime ?? '') || 0;
}

function describe(condition: Condition): string {
  const { type, reason, message } = condition;
  const why = message ?? reason;
  return sentence(`${type} is false${why ? `: ${why}` : ''}`);
}

function sentence(text: string): string {
  const trimmed =
    text.length > MAX_MESSAGE_LENGTH
      ? `${text.slice(0, MAX_MESSAGE_LENGTH).trim()}…`
      : text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function health(
  state: HealthState,
  code: WasiErrorCode,
  says: { reason?: string; message: string; remedy?: string },
): ModuleHealth {
  return {
    state,
    ...(says.reason !== undefined && { reason: says.reason }),
    message: says.message,
    code,
    remedy: says.remedy ?? catalogue[code].remedy,
  };
}
