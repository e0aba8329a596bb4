// A date header has whole seconds, and an answer takes time; less is no difference.
const LEAST_MS = 3_000;
// What took longer says too little of the moment at which it was written.
const LONGEST_MS = 5_000;

/**
 * By how much the clock of a cluster is ahead of ours, as its answers are dated.
 *
 * @internal
 */
export class ClusterClock {
  readonly #now: () => number;
  #aheadMs: number | undefined;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Milliseconds, negative where it is behind; undefined where both agree, or nothing is known. */
  get aheadMs(): number | undefined {
    return this.#aheadMs !== undefined && Math.abs(this.#aheadMs) >= LEAST_MS
      ? this.#aheadMs
      : undefined;
  }

  /** Answers what to call with the date of the answer to a request that is sent now. */
  start(): (date: string | undefined) => void {
    const sentAt = this.#now();
    return date => {
      const receivedAt = this.#now();
      const writtenAt = Date.parse(date ?? '') + 500;
      if (!Number.isNaN(writtenAt) && receivedAt - sentAt <= LONGEST_MS) {
        this.#aheadMs = writtenAt - (sentAt + receivedAt) / 2;
      }
    };
  }
}
