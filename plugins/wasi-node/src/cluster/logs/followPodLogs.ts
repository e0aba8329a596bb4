import {
  isWasiError,
  type LogLine,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { pause } from '../backOff';
import type { KubernetesConnection } from '../KubernetesConnection';
import { pathSegment } from '../pathSegment';
import { toClusterError } from '../toClusterError';
import type { ModuleName } from '../types';
import { LineQueue } from './LineQueue';
import { listPods } from './listPods';
import { splitStamp } from './splitStamp';

const DEFAULT_TAIL = 100;
const MAX_TAIL = 1_000;
const MAX_LINE_LENGTH = 16 * 1024;
const MAX_QUEUED_CHARACTERS = 2 * 1024 * 1024;
// The lines that a pod begins with come at once.
const MAX_PER_SECOND = 1_000;
/** How soon a new pod is noticed, and a log that ended taken up again. */
const LOOK_EVERY_MS = 2_000;
const SILENCE_MS = 15 * 60_000;
/** What the runner says itself begins so; the rest is its module's. */
const RUNNER_PREFIX = '[WASM-RUNNER]';

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
    lookEveryMs?: number;
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
    lookEveryMs?: number;
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
    lookEveryMs: options.lookEveryMs ?? LOOK_EVERY_MS,
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

class PodFollowers {
  readonly #connection: KubernetesConnection;
  readonly #ref: ModuleName;
  readonly #signal: AbortSignal;
  readonly #queue: LineQueue<LogLine>;
  readonly #tailLines: number;
  readonly #lookEveryMs: number;
  /** Stamp of the last line that was told, by pod. */
  readonly #told = new Map<string, string>();
  readonly #open = new Set<string>();

  constructor(options: {
    connection: KubernetesConnection;
    ref: ModuleName;
    signal: AbortSignal;
    queue: LineQueue<LogLine>;
    tailLines: number;
    lookEveryMs: number;
  }) {
    this.#connection = options.connection;
    this.#ref = options.ref;
    this.#signal = options.signal;
    this.#queue = options.queue;
    this.#tailLines = options.tailLines;
    this.#lookEveryMs = options.lookEveryMs;
  }

  async run(first: string[]): Promise<void> {
    let pods = first;
    let isFirst = true;
    while (!this.#signal.aborted) {
      for (const pod of pods) {
        if (!this.#open.has(pod)) {
          // Of a pod that comes later all lines are new.
          void this.#follow(pod, isFirst ? this.#tailLines : undefined);
        }
      }
      isFirst = false;
      await pause(this.#lookEveryMs, this.#signal);
      pods = await this.#look(pods);
    }
  }

  async #look(before: string[]): Promise<string[]> {
    try {
      const pods = await listPods(this.#connection, {
        ref: this.#ref,
        signal: this.#signal,
      });
      for (const pod of [...this.#told.keys()]) {
        if (!pods.includes(pod) && !this.#open.has(pod)) {
          this.#told.delete(pod);
        }
      }
      return pods;
    } catch (error) {
      this.#failUnlessPassing(error);
      return before;
    }
  }

  async #follow(pod: string, tailLines: number | undefined): Promise<void> {
    this.#open.add(pod);
    const since = this.#told.get(pod);
    try {
      const events = this.#connection.stream({
        method: 'GET',
        path: `/api/v1/namespaces/${pathSegment(
          this.#ref.namespace,
        )}/pods/${pathSegment(pod)}/log`,
        query: {
          container: 'user-container',
          follow: true,
          timestamps: true,
          tailLines: since ? undefined : tailLines,
          // Whole seconds: what was told of the last one is left out below.
          sinceTime: since?.replace(/\.\d+/, ''),
        },
        signal: this.#signal,
        idleMs: SILENCE_MS,
      });
      for await (const event of events) {
        if (event.type === 'line') {
          this.#tell(pod, event.line);
        } else if (event.type === 'refused' && isRefusal(event.answer.status)) {
          throw toClusterError(event.answer, {
            cluster: this.#connection.cluster,
            verb: 'read the logs of WasmModule',
            module: this.#ref,
          });
        }
      }
    } catch (error) {
      this.#failUnlessPassing(error);
    } finally {
      this.#open.delete(pod);
    }
  }

  #tell(pod: string, text: string): void {
    const { stamp, line } = splitStamp(text);
    const last = this.#told.get(pod);
    // Fractions of a second have their zeros cut, so the texts do not compare.
    if (stamp && last && fine(stamp) <= fine(last)) {
      return;
    }
    if (stamp) {
      this.#told.set(pod, stamp);
    }
    this.#queue.add({
      line: line.slice(0, MAX_LINE_LENGTH),
      ...(stamp && { at: stamp }),
      source: line.startsWith(RUNNER_PREFIX) ? 'runner' : 'module',
    });
  }

  #failUnlessPassing(error: unknown): void {
    const passes =
      this.#signal.aborted ||
      (isWasiError(error) &&
        ['CLUSTER_UNREACHABLE', 'CLUSTER_BUSY', 'CLUSTER_UNEXPECTED'].includes(
          error.code,
        ));
    if (!passes) {
      this.#queue.fail(error);
    }
  }
}

/** A pod that waits to start (400), has gone (404) or whose node is ill (5xx) is looked at again. */
function isRefusal(status: number): boolean {
  return status === 401 || status === 403;
}

function fine(stamp: string): string {
  const [, second, fraction = ''] = stamp.match(/^([^.Z+]+)(?:\.(\d+))?/) ?? [];
  return `${second ?? stamp}.${fraction.padEnd(9, '0')}`;
}
