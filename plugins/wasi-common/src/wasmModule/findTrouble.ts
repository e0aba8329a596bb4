import type { FailureCause } from './failureCauses';
import type { Condition, KnativeRevision, ModuleEvent } from './types';

/**
 * Why the pods of a module do not run, as Kubernetes says it.
 *
 * @internal
 */
export interface Trouble extends FailureCause {
  /** The event's or condition's. */
  reason: string;
  /** Goes away by itself where it can: a node may be added meanwhile. */
  isPassing: boolean;
}

interface KnownTrouble extends FailureCause {
  reason: RegExp;
  says?: RegExp;
  isPassing?: boolean;
  /** Events of the same object after which it is over. */
  over?: RegExp;
}

// In the words of the kubelet, the scheduler, the controllers of Kubernetes and
// Knative. Those that name a cause stand before those that only tell that there is one.
const TROUBLES: KnownTrouble[] = [
  {
    reason: /^(FailedCreate|.*Quota.*)$/,
    says: /exceeded quota/i,
    code: 'NAMESPACE_QUOTA_EXCEEDED',
    summary: 'the quota of the namespace is used up',
  },
  {
    reason: /^(OOMKilled|OOMKilling|ExitCode137)$/,
    code: 'MODULE_OUT_OF_MEMORY',
    summary: 'the runner was killed for lack of memory',
    remedy:
      'Raise `deploy.options.resources.limits.memory`; compiling takes more than running.',
  },
  {
    reason: /^(FailedMount|FailedAttachVolume)$/,
    code: 'MODULE_VOLUME_FAILED',
    summary: 'a volume cannot be mounted',
    over: /^(Pulled|Created|Started)$/,
  },
  {
    reason: /^CreateContainerConfigError$/,
    code: 'MODULE_VOLUME_FAILED',
    summary: 'a Secret or ConfigMap that the pod names does not exist',
  },
  {
    reason:
      /^(ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|InspectFailed)$/,
    code: 'RUNNER_IMAGE_PULL_FAILED',
    summary: 'the image of the runner cannot be pulled',
  },
  {
    reason: /^(Failed|BackOff)$/,
    says: /pull(ing)? image|ErrImagePull|ImagePullBackOff/i,
    code: 'RUNNER_IMAGE_PULL_FAILED',
    summary: 'the image of the runner cannot be pulled',
    over: /^(Pulled|Created|Started)$/,
  },
  {
    reason: /^(FailedScheduling|Unschedulable)$/,
    code: 'MODULE_UNSCHEDULABLE',
    summary: 'no node has room for its pod',
    isPassing: true,
    over: /^(Scheduled|Pulling|Pulled|Created|Started)$/,
  },
  {
    reason: /^InternalError$/,
    says: /^failed to (create|update) deployment .* is invalid:/,
    code: 'MODULE_REVISION_FAILED',
    summary: 'Kubernetes does not take its Deployment',
    remedy: 'Correct the field that the message names, and deploy again.',
  },
  {
    reason: /^CrashLoopBackOff$/,
    code: 'MODULE_CRASHED',
    summary: 'the runner ends again and again',
  },
  {
    reason: /^BackOff$/,
    says: /restarting failed container/i,
    code: 'MODULE_CRASHED',
    summary: 'the runner ends again and again',
  },
];

/**
 * Finds what keeps the pods of a module from running: by the conditions of its
 * newest revision, and by the events of that revision's pods.
 *
 * @internal
 */
export function findTrouble(
  revision: Partial<KnativeRevision> & { name: string | undefined },
  events: readonly ModuleEvent[],
): Trouble | undefined {
  const ofRevision = events.filter(({ about }) =>
    isOf(revision.name, about?.name),
  );
  const said = [
    ...(revision.conditions ?? [])
      .filter(({ status }) => status === 'False')
      .map(conditionSays),
    ...ofRevision.filter(({ type }) => type === 'Warning').map(eventSays),
  ];
  for (const known of TROUBLES) {
    const found = said.find(
      ({ reason, message, event }) =>
        known.reason.test(reason) &&
        (known.says?.test(message) ?? true) &&
        !(event && isOver(known, event, ofRevision)),
    );
    if (found) {
      const { code, summary, remedy, isPassing = false } = known;
      return {
        code,
        summary: found.message
          ? `${summary}: ${found.message.trim().replace(/\.$/, '')}`
          : summary,
        remedy,
        reason: found.reason,
        // What Knative itself calls a failure is one.
        isPassing: isPassing && found.event !== undefined,
      };
    }
  }
  return undefined;
}

/** The name of the newest revision that events tell of. @internal */
export function newestRevisionName(
  events: readonly ModuleEvent[],
): string | undefined {
  return events
    .flatMap(({ about }) => {
      const [, name] = /^(.+-\d{5})(-deploy|$)/.exec(about?.name ?? '') ?? [];
      return name ? [name] : [];
    })
    .sort()
    .at(-1);
}

interface Said {
  reason: string;
  message: string;
  event?: ModuleEvent;
}

function conditionSays({ reason = '', message = '' }: Condition): Said {
  return { reason, message };
}

function eventSays(event: ModuleEvent): Said {
  return { reason: event.reason, message: event.message, event };
}

function isOf(revision: string | undefined, name = ''): boolean {
  return (
    revision !== undefined &&
    (name === revision || name.startsWith(`${revision}-`))
  );
}

function isOver(
  { over }: KnownTrouble,
  trouble: ModuleEvent,
  events: readonly ModuleEvent[],
): boolean {
  return (
    over !== undefined &&
    events.some(
      ({ about, reason, type, lastSeen = '' }) =>
        type === 'Normal' &&
        over.test(reason) &&
        about?.name === trouble.about?.name &&
        lastSeen >= (trouble.lastSeen ?? ''),
    )
  );
}
