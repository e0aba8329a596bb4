import type { LoggerService } from '@backstage/backend-plugin-api';
import type { SignalsService } from '@backstage/plugin-signals-node';
import {
  MODULES_CHANGED_CHANNEL,
  type ModuleRef,
  type ModulesChangedSignal,
} from '@wasi-functions/backstage-plugin-wasi-common';

const BATCH_MS = 100;
// What was just told is told again no sooner, however often it changes: a module
// that crashes in a loop has an event each moment.
const REST_MS = 300;
// Of more, a page learns that there are many, and loads what it shows.
const MAX_NAMES = 500;

// Neither of them is a kind of what has a name.
const MOVED = 'moved';
const MANY = 'many';
const MODULE = 'module ';
const CLUSTER = 'cluster ';

/**
 * Tells browsers which modules changed and which clusters are heard again or no
 * longer: at most ten times a second, and of one module at most three times.
 *
 * A broadcast reaches every subscriber, so it carries names and no data.
 *
 * @internal
 */
export class ChangeSignals {
  readonly #signals: SignalsService;
  readonly #logger: LoggerService;
  readonly #after: (ms: number, work: () => void) => void;
  #due = new Set<string>();
  #modulesDue = 0;
  #isWaiting = false;
  /** What was told a moment ago, and whether it changed since. */
  readonly #resting = new Map<string, boolean>();

  constructor(options: {
    signals: SignalsService;
    logger: LoggerService;
    after?: (ms: number, work: () => void) => void;
  }) {
    this.#signals = options.signals;
    this.#logger = options.logger;
    this.#after = options.after ?? ((ms, work) => setTimeout(work, ms).unref());
  }

  /** `moved`: one of them came, or may belong to other entities than before. */
  changed(refs: ModuleRef[], moved: boolean): void {
    for (const { cluster, namespace, name } of refs) {
      this.#add(`${MODULE}${cluster}/${namespace}/${name}`);
    }
    if (moved) {
      this.#add(MOVED);
    }
  }

  /** The problem of a cluster came, went or is another one. */
  problem(cluster: string): void {
    this.#add(`${CLUSTER}${cluster}`);
  }

  #add(what: string): void {
    if (this.#resting.has(what)) {
      this.#resting.set(what, true);
      return;
    }
    if (this.#due.has(what)) {
      return;
    }
    const isModule = what.startsWith(MODULE);
    if (isModule && this.#modulesDue === MAX_NAMES) {
      this.#add(MANY);
      return;
    }
    this.#modulesDue += isModule ? 1 : 0;
    this.#due.add(what);
    if (!this.#isWaiting) {
      this.#isWaiting = true;
      this.#after(BATCH_MS, () => this.#publish());
    }
  }

  #publish(): void {
    const told = [...this.#due];
    this.#due = new Set();
    this.#modulesDue = 0;
    this.#isWaiting = false;
    told.forEach(what => this.#resting.set(what, false));
    this.#after(REST_MS, () => this.#wake(told));
    this.#signals
      .publish({
        recipients: { type: 'broadcast' },
        channel: MODULES_CHANGED_CHANNEL,
        message: toSignal(told),
      })
      .catch(error => {
        // Pages poll as well, so a lost signal costs seconds, not truth.
        this.#logger.warn('Could not tell that modules changed', error);
      });
  }

  #wake(told: string[]): void {
    for (const what of told) {
      const hasChanged = this.#resting.get(what);
      this.#resting.delete(what);
      if (hasChanged) {
        this.#add(what);
      }
    }
  }
}

function toSignal(told: string[]): ModulesChangedSignal {
  const named = (kind: string) =>
    told
      .filter(what => what.startsWith(kind))
      .map(what => what.slice(kind.length));
  const many = told.includes(MANY);
  const clusters = named(CLUSTER);
  return {
    modules: many ? [] : named(MODULE),
    ...(many && { many: true }),
    ...(told.includes(MOVED) && { moved: true }),
    ...(clusters.length > 0 && { clusters }),
  };
}
