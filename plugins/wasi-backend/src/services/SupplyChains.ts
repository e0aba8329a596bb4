import type { LoggerService } from '@backstage/backend-plugin-api';
import type { SupplyChainView } from '@wasi-functions/backstage-plugin-wasi-common';
import type { SupplyChainReader } from '@wasi-functions/backstage-plugin-wasi-node';
import { LeastRecentlyUsed } from './LeastRecentlyUsed';

const KEPT = 500;
// Something may be attached to a digest at any time.
const KEPT_MS = 60_000;
const TIMEOUT_MS = 20_000;

/**
 * Tells where images come from, and remembers it for a while.
 *
 * @internal
 */
export class SupplyChains {
  readonly #reader: SupplyChainReader;
  readonly #logger: LoggerService;
  readonly #now: () => number;
  readonly #known = new LeastRecentlyUsed<{
    until: number;
    view: Promise<SupplyChainView | undefined>;
  }>(KEPT);

  constructor(options: {
    reader: SupplyChainReader;
    logger: LoggerService;
    now?: () => number;
  }) {
    this.#reader = options.reader;
    this.#logger = options.logger;
    this.#now = options.now ?? Date.now;
  }

  /** Never fails: what cannot be read is not known. */
  async read(image: string): Promise<SupplyChainView | undefined> {
    const known = this.#known.get(image);
    if (known && known.until > this.#now()) {
      return known.view;
    }
    const view = this.#read(image);
    this.#known.set(image, { until: this.#now() + KEPT_MS, view });
    return view;
  }

  async #read(image: string): Promise<SupplyChainView | undefined> {
    try {
      return await this.#reader.read(image, {
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      // The page says nothing then; the image is shown all the same.
      this.#logger.debug(
        `What is attached to ${image} could not be read: ${
          (error as Error).message
        }`,
      );
      return undefined;
    }
  }
}
