import type {
  CachedModule,
  Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { ClusterQueues } from './ClusterQueues';
import { keyOf } from './CollectedModules';
import { LeastRecentlyUsed } from './LeastRecentlyUsed';
import { withPatience } from './withPatience';

const TAIL_LINES = 20;
const KEPT_MS = 30_000;
const TIMEOUT_MS = 5_000;
// Then the health goes without, so that a slow cluster slows no page.
const PATIENCE_MS = 1_000;
const MAX_AT_ONCE = 4;
const MAX_REMEMBERED = 500;

interface Tail {
  version: string;
  readAt: number;
  lines: string[] | undefined;
  answer: Promise<string[]>;
}

/**
 * The last lines of modules that failed, which health looks for a cause in; read
 * once for all who look, as the portal's account. No line of them is shown.
 *
 * @internal
 */
export class FailureLogs {
  readonly #clusters: Clusters;
  readonly #now: () => number;
  readonly #patienceMs: number;
  readonly #queues = new ClusterQueues(MAX_AT_ONCE);
  readonly #tails = new LeastRecentlyUsed<Tail>(MAX_REMEMBERED);

  constructor(options: {
    clusters: Clusters;
    now?: () => number;
    patienceMs?: number;
  }) {
    this.#clusters = options.clusters;
    this.#now = options.now ?? (() => performance.now());
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
  }

  /** Empty where the cluster does not give them in time, or at all. */
  async read(item: CachedModule): Promise<string[]> {
    const { uid = '', resourceVersion = '' } = item.module.metadata;
    const key = `${keyOf(item.ref)} ${uid}`;
    let tail = this.#tails.get(key);
    if (
      tail?.version !== resourceVersion ||
      this.#now() - tail.readAt >= KEPT_MS
    ) {
      tail = this.#start(item, resourceVersion);
      this.#tails.set(key, tail);
    }
    return tail.lines ?? withPatience(tail.answer, [], this.#patienceMs);
  }

  #start(item: CachedModule, version: string): Tail {
    const tail: Tail = {
      version,
      readAt: this.#now(),
      lines: undefined,
      answer: this.#ask(item).then(lines => {
        tail.lines = lines;
        return lines;
      }),
    };
    return tail;
  }

  async #ask({ ref }: CachedModule): Promise<string[]> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      return await this.#queues.run(ref.cluster, () =>
        this.#clusters
          .client(ref.cluster)
          .logs(ref, { tailLines: TAIL_LINES, signal }),
      );
    } catch {
      // The failure is told in any case; a log that cannot be read only costs its cause.
      return [];
    }
  }
}
