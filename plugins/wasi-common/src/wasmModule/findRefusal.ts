import type { WasiErrorCode } from '../diagnosis';
import { type FailureCause, findFailureCause } from './failureCauses';
import type { ModuleEvent, WasmModule } from './types';

/** Reason of the event in which the controller tells why it could not reconcile. */
const INTERNAL_ERROR = 'InternalError';
const MAX_SUMMARY_LENGTH = 4_000;

/** Causes that can be looked up in the resource: gone there, the event is an old one. */
const STILL_THERE: Partial<
  Record<WasiErrorCode, (module: WasmModule) => boolean>
> = {
  ENV_VALUE_FROM_UNSUPPORTED: ({ spec }) =>
    (spec.env ?? []).some(({ valueFrom }) => valueFrom !== undefined),
  VOLUME_UNDEFINED: ({ spec }) =>
    (spec.volumeMounts ?? []).some(
      mount => !(spec.volumes ?? []).some(({ name }) => name === mount.name),
    ),
  VOLUME_NOT_MOUNTED: ({ spec }) =>
    (spec.volumes ?? []).some(
      volume =>
        !(spec.volumeMounts ?? []).some(({ name }) => name === volume.name),
    ),
  AUTOSCALING_ANNOTATION: ({ metadata }) =>
    Object.keys(metadata.annotations ?? {}).some(key =>
      key.startsWith('autoscaling.knative.dev/'),
    ),
};

/** What the controller of the modules refuses itself, whatever the cluster. */
const OWN_REFUSALS = [
  'valueFrom is not yet supported',
  'undefined volume reference',
];

/**
 * Why the controller refuses the module as it is now, which only an event
 * tells; an event about an earlier version of the module is left out.
 *
 * @internal
 */
export function findRefusal(
  module: WasmModule,
  told: {
    events?: readonly ModuleEvent[];
    changedAt?: string;
    eventOrder?: ReadonlyMap<ModuleEvent, 'before' | 'after'>;
  },
): (FailureCause & { reason: string }) | undefined {
  const { events = [], changedAt, eventOrder } = told;
  const changed = changedAt ? Date.parse(changedAt) || 0 : lastChange(module);
  const isAfter = (event: ModuleEvent) => {
    const order = eventOrder?.get(event);
    return order
      ? order === 'after'
      : // A second of slack: event times are cut to seconds.
        (timeOf(event) ?? Infinity) >= changed - 1000;
  };
  const latest = events
    .filter(
      event =>
        event.type === 'Warning' &&
        event.reason === INTERNAL_ERROR &&
        // Knative's own parts say so of each other while a module starts.
        event.about === undefined,
    )
    .sort(
      (a, b) =>
        (timeOf(b) ?? 0) - (timeOf(a) ?? 0) || (a.message < b.message ? -1 : 1),
    );
  for (const event of latest) {
    const cause = findFailureCause(event.message);
    const isStillThere = cause && STILL_THERE[cause.code]?.(module);
    // The controller tells the same but once: it may create events, not count them.
    if (!isStillThere && !isAfter(event)) {
      continue;
    }
    if (!cause) {
      return {
        code: 'MODULE_SERVICE_UNAVAILABLE',
        reason: event.reason,
        summary: event.message
          .slice(0, MAX_SUMMARY_LENGTH)
          .trim()
          .replace(/\.$/, ''),
      };
    }
    if (isStillThere ?? true) {
      return { ...cause, reason: event.reason };
    }
  }
  return refusedAnyway(module);
}

/** An event is kept for an hour, and not told again. */
function refusedAnyway(
  module: WasmModule,
): (FailureCause & { reason: string }) | undefined {
  const { metadata, status } = module;
  const cause = OWN_REFUSALS.map(says => findFailureCause(says)).find(
    known => known && STILL_THERE[known.code]?.(module),
  );
  return cause &&
    metadata.generation !== undefined &&
    status?.observedGeneration === metadata.generation
    ? { ...cause, reason: INTERNAL_ERROR }
    : undefined;
}

/** When somebody last wrote to the resource other than its status; 0 where nothing tells. */
function lastChange(module: WasmModule): number {
  return (module.metadata.managedFields ?? [])
    .filter(entry => entry.subresource !== 'status')
    .map(entry => Date.parse(entry.time ?? '') || 0)
    .reduce((latest, time) => Math.max(latest, time), 0);
}

function timeOf(event: ModuleEvent): number | undefined {
  return Date.parse(event.lastSeen ?? '') || undefined;
}
