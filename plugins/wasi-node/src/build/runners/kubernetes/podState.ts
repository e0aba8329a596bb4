import {
  WasiError,
  type WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';

const terminated = z.object({
  reason: z.string().optional(),
  message: z.string().optional(),
  exitCode: z.number().optional(),
});

/** The part of a pod that tells how it is. @internal */
export const podSchema = z.object({
  metadata: z.object({ name: z.string() }),
  status: z
    .object({
      phase: z.string().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().optional(),
            message: z.string().optional(),
          }),
        )
        .optional(),
      containerStatuses: z
        .array(
          z.object({
            state: z
              .object({
                waiting: z
                  .object({
                    reason: z.string().optional(),
                    message: z.string().optional(),
                  })
                  .optional(),
                running: z.looseObject({}).optional(),
                terminated: terminated.optional(),
              })
              .optional(),
            lastState: z
              .object({ terminated: terminated.optional() })
              .optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});

/** @internal */
export type BuildPod = z.infer<typeof podSchema>;

/**
 * How far a pod is: ready for commands, still to wait for, or lost, and why.
 *
 * @internal
 */
export type PodState =
  | { phase: 'running' }
  | { phase: 'waiting'; why: string }
  | { phase: 'lost'; error: WasiError };

/** Nothing mends these by waiting. */
const IMAGE_PROBLEMS = [
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
];

/**
 * Reads the state of a build's pod.
 *
 * @internal
 */
export function podState(pod: BuildPod, image: string): PodState {
  const { status = {} } = pod;
  const state = status.containerStatuses?.[0]?.state;
  if (status.reason === 'Evicted') {
    const full = /ephemeral|emptydir|storage|disk/i.test(status.message ?? '');
    return full
      ? lost(
          'BUILD_DISK_LIMIT',
          `The cluster ended the build: ${sentence(status.message)}`,
        )
      : lost(
          'BUILD_KILLED',
          `The cluster evicted the build: ${sentence(status.message)}`,
          'Try again; where it happens again, the nodes of the cluster have too little memory or disk.',
        );
  }
  if (status.reason === 'DeadlineExceeded') {
    return lost(
      'BUILD_TIMEOUT',
      'The cluster ended the build: its time was up.',
    );
  }
  const ended = state?.terminated;
  if (ended || status.phase === 'Failed' || status.phase === 'Succeeded') {
    return ended?.reason === 'OOMKilled'
      ? lost(
          'BUILD_MEMORY_LIMIT',
          "The cluster ended the build: it took more memory than the job's limit.",
        )
      : lost(
          'BUILD_KILLED',
          `The cluster ended the pod of the build: ${sentence(
            ended?.message ?? ended?.reason ?? status.message ?? status.reason,
          )}`,
          'Try again; where it happens again, look at the events of the namespace.',
        );
  }
  if (state?.running) {
    return { phase: 'running' };
  }
  const waiting = state?.waiting;
  if (waiting?.reason && IMAGE_PROBLEMS.includes(waiting.reason)) {
    return lost(
      'BUILD_RUNNER_UNAVAILABLE',
      `The builder image ${image} cannot be pulled: ${sentence(
        waiting.message ?? waiting.reason,
      )}`,
      'Correct the image in `wasi.build.kubernetes.images`, or give the service account of the builds a pull secret.',
    );
  }
  if (waiting?.reason === 'CreateContainerConfigError') {
    return lostUnlessSecret(waiting.message);
  }
  const unscheduled = status.conditions?.find(
    ({ type, status: is }) => type === 'PodScheduled' && is === 'False',
  );
  return {
    phase: 'waiting',
    why: sentence(
      waiting?.message ??
        waiting?.reason ??
        unscheduled?.message ??
        'it is not started yet',
    ),
  };
}

/** The secret is made right after the job, whose it is. */
function lostUnlessSecret(message: string | undefined): PodState {
  return /secret .* not found/i.test(message ?? '')
    ? { phase: 'waiting', why: sentence(message) }
    : lost(
        'BUILD_RUNNER_UNAVAILABLE',
        `The container of the build cannot be made: ${sentence(message)}`,
        'Use a builder image that runs as any user and without root.',
      );
}

function lost(code: WasiErrorCode, message: string, remedy?: string): PodState {
  return { phase: 'lost', error: new WasiError(code, { message, remedy }) };
}

function sentence(text = 'no reason was given'): string {
  const line = text.trim().replace(/\s+/g, ' ').slice(0, 500);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
