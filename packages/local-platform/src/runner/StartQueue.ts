/** One that does not come up must not keep the others from it. */
const MAX_TURN_MS = 5_000;

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
    let passed = false;
    const pass = () => {
      if (!passed) {
        passed = true;
        this.#pass();
      }
    };
    const turn = setTimeout(pass, MAX_TURN_MS);
    try {
      signal.throwIfAborted();
      return await start();
    } finally {
      clearTimeout(turn);
      pass();
    }
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next) {
      next();
    } else {
      this.#free++;
    }
  }
}
