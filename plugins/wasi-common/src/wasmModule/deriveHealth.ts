import { catalogue, type WasiErrorCode } from '../diagnosis';
import { findFailureCause } from './failureCauses';
import type { HealthState, ModuleHealth } from './health.types';
import { findRefusal } from './findRefusal';
import type { Condition, ModuleEvent, WasmModule } from './types';

const READY = 'Ready';
/** The controller's word for a Knative Service that is not there or not ready yet. */
const SERVICE_UNAVAILABLE = 'ServiceUnavailable';
const MAX_MESSAGE_LENGTH = 4_000;

/**
 * What tells more about a module than its status does.
 *
 * @public
 */
export interface HealthContext {
  events?: ModuleEvent[];
  /** Last lines of the module's log, oldest first. */
  logTail?: string[];
}

/**
 * Derives a module's health from its conditions, whatever their order, and
 * from its events where the conditions do not tell the cause.
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
  const refusal = findRefusal(module, context.events ?? []);

  if (isStale(module)) {
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
  switch (ready.status) {
    case 'True':
      return whenReady(module, ready, others);
    case 'False':
      return whenNotReady(module, {
        ready,
        refusal,
        logTail: context.logTail ?? [],
      });
    default:
      return health('progressing', 'MODULE_STARTING', {
        reason: ready.reason,
        message: ready.message
          ? `The controller is at work: ${sentence(ready.message)}`
          : 'The controller is at work.',
      });
  }
}

function isStale({ metadata, status }: WasmModule): boolean {
  return (
    metadata.generation !== undefined &&
    status?.observedGeneration !== undefined &&
    status.observedGeneration < metadata.generation
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

function whenReady(
  module: WasmModule,
  ready: Condition,
  others: Condition[],
): ModuleHealth {
  const [problem] = others;
  if (problem) {
    return health('degraded', 'MODULE_UNKNOWN_CONDITION', {
      reason: problem.reason,
      message: `The module is ready, but ${describe(problem)}`,
    });
  }
  const url = module.status?.address?.url;
  return {
    state: 'ready',
    ...(ready.reason !== undefined && { reason: ready.reason }),
    message: url ? `The module is ready at ${url}.` : 'The module is ready.',
  };
}

function whenNotReady(
  module: WasmModule,
  told: { ready: Condition; refusal: Refusal; logTail: string[] },
): ModuleHealth {
  const { ready, refusal, logTail } = told;
  const { reason, message = '' } = ready;
  // This reason alone does not tell a start from a refusal: the events do.
  if (!reason || reason === SERVICE_UNAVAILABLE) {
    return refusal
      ? refused(module, refusal)
      : health('progressing', 'MODULE_STARTING', {
          reason,
          message:
            'The module is starting: its Knative Service is not ready yet.',
        });
  }
  const cause = findFailureCause(message, logTail);
  return cause
    ? health('failed', cause.code, {
        reason,
        message: `The module failed: ${cause.summary}.${earlier(module)}`,
        remedy: cause.remedy,
      })
    : health('failed', 'MODULE_REVISION_FAILED', {
        reason,
        message: `The module failed: ${sentence(message || reason)}${earlier(
          module,
        )}`,
      });
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
