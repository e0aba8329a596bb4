import {
  isWasiError,
  type WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';

const IN_A_ROW = 3;
const LEFT_ALONE_MS = 45_000;

/** What says that nobody answers, and not what was answered. */
const NO_ANSWER: readonly WasiErrorCode[] = [
  'SYNC_SOURCE_UNREADABLE',
  'REGISTRY_UNREACHABLE',
  'CLUSTER_UNREACHABLE',
  'CLUSTER_BUSY',
];

/**
 * Leaves alone for a while what has not answered several times in a row, so
 * that hundreds of entities do not wait for it one after the other and keep
 * those that have nothing to do with it from their turn.
 *
 * @internal
 */
export class Outages {
  readonly #now: () => Date;
  readonly #failures = new Map<
    string,
    { count: number; error: unknown; at: number }
  >();

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Does work that needs a host, or fails at once as the work before it. */
  async guard<T>(host: string, work: () => Promise<T>): Promise<T> {
    const known = this.#failures.get(host);
    const now = this.#now().getTime();
    if (known && known.count >= IN_A_ROW && now - known.at < LEFT_ALONE_MS) {
      throw known.error;
    }
    try {
      const answer = await work();
      this.#failures.delete(host);
      return answer;
    } catch (error) {
      if (isWasiError(error) && NO_ANSWER.includes(error.code)) {
        const { count = 0 } = this.#failures.get(host) ?? {};
        this.#failures.set(host, { count: count + 1, error, at: now });
      } else {
        this.#failures.delete(host);
      }
      throw error;
    }
  }
}
