import {
  isWasiError,
  type LogLine,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { pause } from '../backOff';
import type { KubernetesConnection } from '../KubernetesConnection';
import { pathSegment } from '../pathSegment';
import { toClusterError } from '../toClusterError';
import type { ModuleName } from '../types';
import type { LineQueue } from './LineQueue';
import { listPods } from './listPods';
import { splitStamp } from './splitStamp';

const MAX_LINE_LENGTH = 16 * 1024;
const SILENCE_MS = 15 * 60_000;
/** How soon another pod is noticed, at most and at least. */
const LOOK_EVERY_MS = 5_000;
const LEAST_MS = 1_000;
/** What the runner says itself begins so; the rest is its module's. */
const RUNNER_PREFIX = '[WASM-RUNNER]';

/** Follows each pod of a module, and puts what they say into one queue. @internal */
export class PodFollowers {
  readonly #connection: KubernetesConnection;
  readonly #ref: ModuleName;
  readonly #signal: AbortSignal;
  readonly #queue: LineQueue<LogLine>;
  readonly #tailLines: number;
  /** Stamp of the last line that was told, by pod. */
  readonly #told = new Map<string, string>();
  readonly #open = new Set<string>();
  /** Aborts with a log that ended: another pod may have taken over. */
  #ended = new AbortController();

  constructor(options: {
    connection: KubernetesConnection;
    ref: ModuleName;
    signal: AbortSignal;
    queue: LineQueue<LogLine>;
    tailLines: number;
  }) {
    this.#connection = options.connection;
    this.#ref = options.ref;
    this.#signal = options.signal;
    this.#queue = options.queue;
    this.#tailLines = options.tailLines;
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
      await pause(LEAST_MS, this.#signal);
      if (this.#open.size > 0) {
        this.#ended = new AbortController();
        await pause(
          LOOK_EVERY_MS,
          AbortSignal.any([this.#signal, this.#ended.signal]),
        );
      }
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
      this.#ended.abort();
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
