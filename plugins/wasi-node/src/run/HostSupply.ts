import { HostProcess } from './HostProcess';

/**
 * Host processes for modules to come, one of them started ahead.
 *
 * @internal
 */
export class HostSupply {
  readonly #jco: () => Promise<string>;
  readonly #all = new Set<HostProcess>();
  #spare: Promise<HostProcess> | undefined;
  #closed = false;

  constructor(jco: () => Promise<string>) {
    this.#jco = jco;
  }

  /** A process that waits for a module; the next one is started by {@link refill}. */
  async take(): Promise<HostProcess> {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare) {
      const host = await spare.catch(() => undefined);
      if (host && this.#all.has(host)) {
        return host;
      }
    }
    return await this.#start();
  }

  /** Starts a spare, best when nobody waits for the processor. */
  refill(): void {
    if (this.#closed || this.#spare) {
      return;
    }
    this.#spare = this.#start();
    // Whoever takes it meets the failure; one that nobody takes hurts nobody.
    this.#spare.catch(() => {
      this.#spare = undefined;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#spare?.catch(() => undefined);
    const all = [...this.#all];
    all.forEach(host => host.kill('stopped'));
    await Promise.all(all.map(host => host.exited));
  }

  async #start(): Promise<HostProcess> {
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
