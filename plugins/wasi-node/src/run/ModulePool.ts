import type { HostConfiguration, HostExit, HostProcess } from './HostProcess';
import type { HostSupply } from './HostSupply';
import type { ServeOptions } from './types';

const DEFAULT_IDLE_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_PROCESSES = 2;
const MAX_WAITING = 200;
/** Leftovers of a guest are bounded by giving its process a short life. */
const MAX_SERVED = 10_000;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 60_000;

/**
 * No process can be had now.
 *
 * @internal
 */
export class PoolRefusal extends Error {
  constructor(message: string, readonly retryAfterMs: number) {
    super(message);
    this.name = 'PoolRefusal';
  }
}

/**
 * The processes of one module: started when a request comes, ended when none
 * does, replaced when they fail, ever more slowly where they keep failing.
 *
 * @internal
 */
export class ModulePool {
  readonly #supply: HostSupply;
  readonly #configuration: HostConfiguration;
  readonly #options: ServeOptions;
  readonly #idle: HostProcess[] = [];
  readonly #held = new Set<HostProcess>();
  readonly #waiting: {
    resolve: (host: HostProcess) => void;
    reject: (error: Error) => void;
  }[] = [];
  readonly #timers = new Map<HostProcess, NodeJS.Timeout>();
  #starting = 0;
  #failures = 0;
  #notBefore = 0;
  #stopped = false;

  constructor(
    supply: HostSupply,
    configuration: HostConfiguration,
    options: ServeOptions,
  ) {
    this.#supply = supply;
    this.#configuration = configuration;
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Starts the first process; throws why it cannot. */
  async warm(): Promise<void> {
    this.#rest(await this.#start());
  }

  /** Lends a process; give it back by {@link release}. */
  acquire(): Promise<HostProcess> {
    if (this.#stopped) {
      return Promise.reject(new PoolRefusal('The module was stopped.', 0));
    }
    const host = this.#idle.pop();
    if (host) {
      clearTimeout(this.#timers.get(host));
      this.#supply.unrest(host);
      return Promise.resolve(host);
    }
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(new PoolRefusal('Too many requests wait.', 1_000));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#startForWaiting();
    });
  }

  /** Takes a process back; `outcome` is how its request went. */
  release(host: HostProcess, outcome: 'answered' | 'failed' | 'ended'): void {
    if (outcome === 'answered' && this.#failures > 0) {
      this.#failures = 0;
      this.#options.onRecovered?.();
    }
    if (!this.#held.has(host)) {
      return;
    }
    if (this.#stopped || host.served >= MAX_SERVED) {
      this.#end(host);
      this.#startForWaiting();
      return;
    }
    const next = this.#waiting.shift();
    if (next) {
      next.resolve(host);
    } else {
      this.#rest(host);
    }
  }

  /** Ends idle processes now and lent ones when they come back, or after the grace. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    for (const { reject } of this.#waiting.splice(0)) {
      reject(new PoolRefusal('The module was stopped.', 0));
    }
    for (const host of this.#idle.splice(0)) {
      this.#end(host);
    }
    const lent = [...this.#held];
    const force = setTimeout(
      () => lent.forEach(host => host.kill('stopped')),
      graceMs,
    );
    await Promise.all(lent.map(host => host.exited));
    clearTimeout(force);
  }

  #rest(host: HostProcess): void {
    if (this.#stopped) {
      this.#end(host);
      return;
    }
    this.#idle.push(host);
    const timer = setTimeout(
      () => this.#end(host),
      this.#options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS,
    );
    timer.unref();
    this.#timers.set(host, timer);
    this.#supply.rest(host, () => this.#end(host));
  }

  #startForWaiting(): void {
    const room =
      (this.#options.maxProcesses ?? DEFAULT_MAX_PROCESSES) -
      this.#held.size -
      this.#starting;
    if (this.#waiting.length <= this.#starting || room <= 0) {
      return;
    }
    const wait = this.#notBefore - Date.now();
    if (wait > 0) {
      if (this.#held.size + this.#starting === 0) {
        this.#refuseWaiting(
          new PoolRefusal('The module keeps failing; it is restarted.', wait),
        );
      }
      return;
    }
    this.#start().then(
      host => {
        const next = this.#waiting.shift();
        if (next) {
          next.resolve(host);
        } else {
          this.#rest(host);
        }
      },
      (error: Error) => {
        this.#fail({ reason: 'crashed', message: error.message });
        this.#refuseWaiting(new PoolRefusal(error.message, 1_000));
      },
    );
  }

  #refuseWaiting(error: PoolRefusal): void {
    for (const { reject } of this.#waiting.splice(0)) {
      reject(error);
    }
  }

  async #start(): Promise<HostProcess> {
    this.#starting++;
    try {
      const host = await this.#supply.start(candidate =>
        candidate.load(this.#configuration, this.#options.onLog),
      );
      this.#held.add(host);
      void host.exited.then(exit => this.#gone(host, exit));
      return host;
    } finally {
      this.#starting--;
    }
  }

  #end(host: HostProcess): void {
    this.#forget(host);
    host.kill('stopped');
  }

  #forget(host: HostProcess): void {
    this.#supply.unrest(host);
    clearTimeout(this.#timers.get(host));
    this.#timers.delete(host);
    const index = this.#idle.indexOf(host);
    if (index !== -1) {
      this.#idle.splice(index, 1);
    }
    this.#held.delete(host);
  }

  #gone(host: HostProcess, exit: HostExit): void {
    this.#forget(host);
    if (exit.reason !== 'stopped') {
      this.#fail({ reason: exit.reason, message: exit.message });
    }
    this.#startForWaiting();
  }

  #fail(failure: {
    reason: 'out-of-memory' | 'timeout' | 'crashed';
    message: string;
  }): void {
    this.#failures++;
    const backoffMs = backOff(this.#failures);
    this.#notBefore = Date.now() + backoffMs;
    this.#options.onFailure?.({ ...failure, count: this.#failures, backoffMs });
  }
}

/** The first failure may be an accident; from the second on, ever longer. */
function backOff(failures: number): number {
  return failures < 2
    ? 0
    : Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 2), MAX_BACKOFF_MS);
}
