import type { LogLine } from '@wasi-functions/backstage-plugin-wasi-common';
import type { KubernetesConnection } from '../KubernetesConnection';
import type { ModuleName } from '../types';
import { LineQueue } from './LineQueue';
import { listPods } from './listPods';
import { PodFollowers } from './PodFollowers';

const DEFAULT_TAIL = 100;
const MAX_TAIL = 1_000;
const MAX_QUEUED_CHARACTERS = 2 * 1024 * 1024;
// The lines that a pod begins with come at once.
const MAX_PER_SECOND = 1_000;

/**
 * Follows the logs of a module's pods, also of those that come later, until the
 * signal aborts. Rejects where the first look at the pods is refused.
 *
 * @internal
 */
export async function followPodLogs(
  connection: KubernetesConnection,
  options: {
    ref: ModuleName;
    tailLines?: number;
    signal: AbortSignal;
  },
): Promise<AsyncIterable<LogLine>> {
  const { ref, signal } = options;
  const pods = await listPods(connection, { ref, signal });
  return linesOf(connection, { ...options, pods });
}

async function* linesOf(
  connection: KubernetesConnection,
  options: {
    ref: ModuleName;
    pods: string[];
    tailLines?: number;
    signal: AbortSignal;
  },
): AsyncGenerator<LogLine, void, void> {
  const { ref, pods } = options;
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const queue = new LineQueue<LogLine>({
    maxQueued: MAX_QUEUED_CHARACTERS,
    sizeOf: ({ line }) => line.length + 100,
    maxPerSecond: MAX_PER_SECOND,
    now: () => performance.now(),
  });
  const followers = new PodFollowers({
    connection,
    ref,
    signal,
    queue,
    tailLines: Math.min(
      Math.max(options.tailLines ?? DEFAULT_TAIL, 1),
      MAX_TAIL,
    ),
  });
  try {
    void followers.run(pods);
    for await (const told of queue.read(signal)) {
      yield 'line' in told
        ? told.line
        : { line: `… ${told.lost} lines left out: too many at once` };
    }
  } finally {
    ended.abort();
  }
}
