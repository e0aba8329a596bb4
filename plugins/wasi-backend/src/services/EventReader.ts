import {
  catalogue,
  isWasiError,
  type ClusterProblem,
  type Finding,
  type ModuleEvent,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { ClusterQueues } from './ClusterQueues';
import { keyOf } from './CollectedModules';
import { LeastRecentlyUsed } from './LeastRecentlyUsed';
import { withPatience } from './withPatience';

// Pages ask every second or two; a cluster is asked once in this time.
const KEPT_MS = 3_000;
const TIMEOUT_MS = 5_000;
// Then what was known before is answered, so that a slow cluster slows no page.
const PATIENCE_MS = 1_000;
const MAX_AT_ONCE = 8;
const MAX_REMEMBERED = 1_000;

/** Events of a module, and why they are not all there. @internal */
export interface EventsAnswer {
  events: ModuleEvent[];
  findings: Finding[];
  /** A cluster that hangs is noticed here minutes before its watch ends. */
  problem?: ClusterProblem;
}

interface Read {
  version: string;
  /** Absent while the answer is on its way. */
  endedAt?: number;
  answer: Promise<EventsAnswer>;
}

/**
 * Reads events of modules, so that many viewers cost a cluster no more than one.
 *
 * @internal
 */
export class EventReader {
  readonly #clusters: Clusters;
  readonly #now: () => number;
  readonly #patienceMs: number;
  readonly #queues = new ClusterQueues(MAX_AT_ONCE);
  readonly #reads = new LeastRecentlyUsed<Read>(MAX_REMEMBERED);
  readonly #last = new LeastRecentlyUsed<EventsAnswer>(MAX_REMEMBERED);

  constructor(options: {
    clusters: Clusters;
    now?: () => number;
    patienceMs?: number;
  }) {
    this.#clusters = options.clusters;
    this.#now = options.now ?? Date.now;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
  }

  /** Never fails: why events are missing is part of the answer. */
  async read(item: CachedModule): Promise<EventsAnswer> {
    const { uid = '', resourceVersion = '' } = item.module.metadata;
    const key = `${keyOf(item.ref)} ${uid}`;
    let read = this.#reads.get(key);
    // What changed a module mostly left an event too, so its old ones are not enough.
    if (read?.version !== resourceVersion || !this.#isFresh(read)) {
      read = this.#start({ item, key, version: resourceVersion });
    }
    const last = this.#last.get(key);
    return last
      ? withPatience(read.answer, last, this.#patienceMs)
      : read.answer;
  }

  #start(options: { item: CachedModule; key: string; version: string }): Read {
    const { item, key, version } = options;
    const read: Read = {
      version,
      answer: this.#ask(item, this.#last.get(key)?.events ?? []).then(
        answer => {
          read.endedAt = this.#now();
          this.#last.set(key, answer);
          return answer;
        },
      ),
    };
    this.#reads.set(key, read);
    return read;
  }

  #isFresh({ endedAt }: Read): boolean {
    return endedAt === undefined || this.#now() - endedAt < KEPT_MS;
  }

  async #ask(item: CachedModule, known: ModuleEvent[]): Promise<EventsAnswer> {
    const { cluster } = item.ref;
    // Begins before the turn comes, so that nobody waits longer than this.
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const events = await this.#queues.run(cluster, () =>
        this.#clusters
          .client(cluster)
          .events(item.ref, { uid: item.module.metadata.uid, signal }),
      );
      return { events, findings: [] };
    } catch (error) {
      const problem = toProblem(error, cluster);
      return {
        events: known,
        findings: [toFinding(problem, known.length > 0)],
        ...(problem.code === 'CLUSTER_UNREACHABLE' && { problem }),
      };
    }
  }
}

function toProblem(error: unknown, cluster: string): ClusterProblem {
  if (isWasiError(error)) {
    const { code, message, remedy } = error;
    return { cluster, code, message, remedy };
  }
  return {
    cluster,
    code: 'CLUSTER_UNREACHABLE',
    message: `Cluster "${cluster}" did not answer within ${
      TIMEOUT_MS / 1000
    } seconds.`,
    remedy: catalogue.CLUSTER_UNREACHABLE.remedy,
  };
}

function toFinding(problem: ClusterProblem, hasOlder: boolean): Finding {
  const what = hasOlder ? 'Newer events are missing' : 'Events are missing';
  return {
    code: problem.code,
    severity: 'info',
    path: 'events',
    message: `${what}: ${problem.message}`,
    remedy: problem.remedy,
  };
}
