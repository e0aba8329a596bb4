/**
 * Lines from several writers to one reader. Who writes faster than is read, or
 * than is reasonable, loses lines, and the reader learns how many.
 *
 * @internal
 */
export class LineQueue<T> {
  readonly #maxQueued: number;
  readonly #sizeOf: (line: T) => number;
  readonly #maxPerSecond: number;
  readonly #now: () => number;
  readonly #lines: T[] = [];
  #wake = () => {};
  #second = -Infinity;
  #thisSecond = 0;
  #lost = 0;
  #queued = 0;
  #failure: { error: unknown } | undefined;

  constructor(options: {
    /** In the unit of `sizeOf`. */
    maxQueued: number;
    sizeOf: (line: T) => number;
    maxPerSecond: number;
    /** Milliseconds that only grow. */
    now: () => number;
  }) {
    this.#maxQueued = options.maxQueued;
    this.#sizeOf = options.sizeOf;
    this.#maxPerSecond = options.maxPerSecond;
    this.#now = options.now;
  }

  add(line: T): void {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#thisSecond = 0;
    }
    this.#thisSecond += 1;
    if (
      this.#thisSecond > this.#maxPerSecond ||
      this.#queued >= this.#maxQueued
    ) {
      this.#lost += 1;
    } else {
      this.#lines.push(line);
      this.#queued += this.#sizeOf(line);
    }
    this.#wake();
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  /** Until the signal aborts. */
  async *read(
    signal: AbortSignal,
  ): AsyncGenerator<{ line: T } | { lost: number }, void, void> {
    const woken = () => this.#wake();
    signal.addEventListener('abort', woken);
    try {
      while (!signal.aborted) {
        const line = this.#lines.shift();
        if (line !== undefined) {
          this.#queued -= this.#sizeOf(line);
          yield { line };
        } else if (this.#lost > 0) {
          const lost = this.#lost;
          this.#lost = 0;
          yield { lost };
        } else if (this.#failure) {
          throw this.#failure.error;
        } else {
          await new Promise<void>(resolve => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      signal.removeEventListener('abort', woken);
    }
  }
}
