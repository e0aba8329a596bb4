import {
  isWasiError,
  type Finding,
  type ModuleEvent,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { keyOf } from './CollectedModules';
import { LeastRecentlyUsed } from './LeastRecentlyUsed';
import { WorkQueue } from './WorkQueue';

// Pages ask every second or two; a cluster is asked once in this time.
const KEPT_MS = 3_000;
const TIMEOUT_MS = 2_000;
const MAX_AT_ONCE = 8;
const MAX_REMEMBERED = 1_000;

/** Events of a module, and why they are not all there. @internal */
export interface EventsAnswer {
  events: ModuleEvent[];
  findings: Finding[];
}

interface Remembered {
  version: string;
  /** Absent while the answer is on its way. */
  readAt?: number;
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
  // One each: a cluster that hangs holds up no other.
  readonly #queues = new Map<string, WorkQueue>();
  readonly #remembered = new LeastRecentlyUsed<Remembered>(MAX_REMEMBERED);
  readonly #known = new LeastRecentlyUsed<ModuleEvent[]>(MAX_REMEMBERED);

  constructor(options: { clusters: Clusters; now?: () => number }) {
    this.#clusters = options.clusters;
    this.#now = options.now ?? Date.now;
  }

  /** Never fails: why events are missing is part of the answer. */
  async read(item: CachedModule): Promise<EventsAnswer> {
    const { uid = '', resourceVersion = '' } = item.module.metadata;
    const key = `${keyOf(item.ref)} ${uid}`;
    const before = this.#remembered.get(key);
    // What changed a module mostly left an event too, so its old ones are not enough.
    if (before?.version === resourceVersion && this.#isFresh(before)) {
      return before.answer;
    }
    const entry: Remembered = {
      version: resourceVersion,
      answer: this.#ask(item, key),
    };
    this.#remembered.set(key, entry);
    const answer = await entry.answer;
    entry.readAt = this.#now();
    return answer;
  }

  #queueOf(cluster: string): WorkQueue {
    let queue = this.#queues.get(cluster);
    if (!queue) {
      queue = new WorkQueue(MAX_AT_ONCE);
      this.#queues.set(cluster, queue);
    }
    return queue;
  }

  #isFresh({ readAt }: Remembered): boolean {
    return readAt === undefined || this.#now() - readAt < KEPT_MS;
  }

  async #ask(item: CachedModule, key: string): Promise<EventsAnswer> {
    const { cluster } = item.ref;
    // Begins before the turn comes, so that nobody waits longer than this.
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const events = await this.#queueOf(cluster).run(() =>
        this.#clusters
          .client(cluster)
          .events(item.ref, { uid: item.module.metadata.uid, signal }),
      );
      this.#known.set(key, events);
      return { events, findings: [] };
    } catch (error) {
      const events = this.#known.get(key) ?? [];
      return { events, findings: [toFinding(error, events.length > 0)] };
    }
  }
}

function toFinding(error: unknown, hasOlder: boolean): Finding {
  const what = hasOlder ? 'Newer events are missing' : 'Events are missing';
  return {
    severity: 'info',
    path: 'events',
    ...(isWasiError(error)
      ? {
          code: error.code,
          message: `${what}: ${error.message}`,
          remedy: error.remedy,
        }
      : {
          code: 'CLUSTER_UNREACHABLE',
          message: `${what}: the cluster did not answer in time.`,
          remedy: 'They are read again by themselves.',
        }),
  };
}
