/** Keeps the writes to each cluster apart, so that many deploys at once are no storm. @internal */
export class WriteLimiter {
  readonly #intervalMs: number;
  readonly #now: () => Date;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** When each cluster takes its next write. */
  readonly #free = new Map<string, number>();

  constructor(options: {
    perSecond: number;
    now: () => Date;
    wait: (ms: number, signal: AbortSignal) => Promise<void>;
  }) {
    this.#intervalMs = 1000 / options.perSecond;
    this.#now = options.now;
    this.#wait = options.wait;
  }

  /** Resolves when a write to the cluster may be made. */
  async take(cluster: string, signal: AbortSignal): Promise<void> {
    const now = this.#now().getTime();
    const at = Math.max(now, this.#free.get(cluster) ?? 0);
    this.#free.set(cluster, at + this.#intervalMs);
    if (at > now) {
      await this.#wait(at - now, signal);
    }
    signal.throwIfAborted();
  }
}
