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
        event.about === undefined &&
        isAfter(event),
    )
    .sort(
      (a, b) =>
        (timeOf(b) ?? 0) - (timeOf(a) ?? 0) || (a.message < b.message ? -1 : 1),
    );
  for (const event of latest) {
    const cause = findFailureCause(event.message);
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
    if (STILL_THERE[cause.code]?.(module) ?? true) {
      return { ...cause, reason: event.reason };
    }
  }
  return undefined;
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
