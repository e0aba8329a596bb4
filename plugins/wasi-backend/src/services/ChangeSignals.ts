import type { LoggerService } from '@backstage/backend-plugin-api';
import type { SignalsService } from '@backstage/plugin-signals-node';
import {
  MODULES_CHANGED_CHANNEL,
  type ModuleRef,
  type ModulesChangedSignal,
} from '@wasi-functions/backstage-plugin-wasi-common';

const BATCH_MS = 100;
// Of more, a page learns that there are many, and loads what it shows.
const MAX_NAMES = 500;

/**
 * Tells browsers which modules changed, at most ten times a second.
 *
 * A broadcast reaches every subscriber, so it carries names and no data.
 *
 * @internal
 */
export class ChangeSignals {
  readonly #signals: SignalsService;
  readonly #logger: LoggerService;
  readonly #after: (ms: number, work: () => void) => void;
  #changed = new Set<string>();

  constructor(options: {
    signals: SignalsService;
    logger: LoggerService;
    after?: (ms: number, work: () => void) => void;
  }) {
    this.#signals = options.signals;
    this.#logger = options.logger;
    this.#after = options.after ?? ((ms, work) => setTimeout(work, ms).unref());
  }

  changed(refs: ModuleRef[]): void {
    const first = this.#changed.size === 0;
    for (const { cluster, namespace, name } of refs) {
      if (this.#changed.size > MAX_NAMES) {
        break;
      }
      this.#changed.add(`${cluster}/${namespace}/${name}`);
    }
    if (first && this.#changed.size > 0) {
      this.#after(BATCH_MS, () => this.#publish());
    }
  }

  #publish(): void {
    const message: ModulesChangedSignal =
      this.#changed.size > MAX_NAMES
        ? { modules: [], many: true }
        : { modules: [...this.#changed] };
    this.#changed = new Set();
    this.#signals
      .publish({
        recipients: { type: 'broadcast' },
        channel: MODULES_CHANGED_CHANNEL,
        message,
      })
      .catch(error => {
        // Pages poll as well, so a lost signal costs seconds, not truth.
        this.#logger.warn('Could not tell that modules changed', error);
      });
  }
}
