import { HostProcess } from './HostProcess';
import { removeStaleFolders } from './hostFolder';

/** Each holds some 60 MB while it does nothing. */
const MAX_RESTING = 8;
/** Starting takes a processor; more at a time would only slow each other. */
const MAX_STARTING = 4;
/** A module that does not come up must not keep the others from it. */
const MAX_TURN_MS = 5_000;

/**
 * Host processes for all modules of an engine: one is started ahead, few start
 * at a time, and only the last ones used are held while nobody asks for them.
 *
 * @internal
 */
export class HostSupply {
  readonly #jco: () => Promise<string>;
  readonly #all = new Set<HostProcess>();
  /** In the order of their last use. */
  readonly #resting = new Map<HostProcess, () => void>();
  readonly #waiting: (() => void)[] = [];
  #starting = 0;
  #spare: Promise<HostProcess> | undefined;
  #swept: Promise<void> | undefined;
  #closed = false;

  constructor(jco: () => Promise<string>) {
    this.#jco = jco;
  }

  /** Lets `load` make a waiting process the caller's own. */
  async start(
    load: (host: HostProcess) => Promise<void>,
  ): Promise<HostProcess> {
    if (this.#starting >= MAX_STARTING) {
      await new Promise<void>(resolve => this.#waiting.push(resolve));
    }
    this.#starting++;
    let passed = false;
    const pass = () => {
      if (!passed) {
        passed = true;
        this.#starting--;
        this.#waiting.shift()?.();
      }
    };
    const turn = setTimeout(pass, MAX_TURN_MS);
    try {
      const host = await this.#take();
      try {
        await load(host);
      } catch (error) {
        host.kill('stopped');
        throw error;
      } finally {
        this.#refill();
      }
      return host;
    } finally {
      clearTimeout(turn);
      pass();
    }
  }

  /** Holds a process that has nothing to do, until `end` makes room for another. */
  rest(host: HostProcess, end: () => void): void {
    this.#resting.set(host, end);
    if (this.#resting.size > MAX_RESTING) {
      const [[longest, endLongest]] = this.#resting;
      this.#resting.delete(longest);
      endLongest();
    }
  }

  /** The process has work again, or has ended. */
  unrest(host: HostProcess): void {
    this.#resting.delete(host);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#spare?.catch(() => undefined);
    const all = [...this.#all];
    all.forEach(host => host.kill('stopped'));
    await Promise.all(all.map(host => host.exited));
  }

  async #take(): Promise<HostProcess> {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare) {
      const host = await spare.catch(() => undefined);
      if (host && this.#all.has(host)) {
        return host;
      }
    }
    return await this.#spawn();
  }

  /** Starts a spare, best when nobody waits for the processor. */
  #refill(): void {
    if (this.#closed || this.#spare) {
      return;
    }
    this.#spare = this.#spawn();
    // Whoever takes it meets the failure; one that nobody takes hurts nobody.
    this.#spare.catch(() => {
      this.#spare = undefined;
    });
  }

  async #spawn(): Promise<HostProcess> {
    this.#swept ??= removeStaleFolders();
    await this.#swept;
    const host = await HostProcess.start(await this.#jco());
    this.#all.add(host);
    void host.exited.then(() => this.#all.delete(host));
    if (this.#closed) {
      host.kill('stopped');
      throw new Error('The engine was closed.');
    }
    return host;
  }
}
