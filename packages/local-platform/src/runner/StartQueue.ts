/**
 * Lets few modules start at a time, so that the others go on answering.
 *
 * @internal
 */
export class StartQueue {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(size: number) {
    this.#free = size;
  }

  async run<T>(signal: AbortSignal, start: () => Promise<T>): Promise<T> {
    if (this.#free === 0) {
      await new Promise<void>(resolve => this.#waiting.push(resolve));
    } else {
      this.#free--;
    }
    try {
      signal.throwIfAborted();
      return await start();
    } finally {
      const next = this.#waiting.shift();
      if (next) {
        next();
      } else {
        this.#free++;
      }
    }
  }
}
