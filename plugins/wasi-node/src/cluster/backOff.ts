import { setTimeout as delay } from 'node:timers/promises';

/** How to wait between attempts; a test puts its own in place. @public */
export interface BackOff {
  /**
   * Waits before the attempt after `failures` failures in a row, and not less
   * than `leastMs`; returns early on abort.
   */
  wait(failures: number, signal: AbortSignal, leastMs?: number): Promise<void>;
}

const FIRST_MS = 200;
const LONGEST_MS = 10_000;
const LONGEST_LEAST_MS = 300_000;

/**
 * Waits that double from 0.2 s up to 10 s, each shortened by up to half, so
 * that many followers of a cluster that comes back do not all ask at once.
 *
 * @internal
 */
export function exponentialBackOff(
  random: () => number = Math.random,
): BackOff {
  return {
    async wait(failures, signal, leastMs = 0) {
      const full = Math.min(FIRST_MS * 2 ** Math.min(failures, 16), LONGEST_MS);
      // Who asks to be left alone means all of us, but not until the same moment.
      const least = Math.min(leastMs, LONGEST_LEAST_MS) * (1 + random() / 4);
      await pause(Math.max(full * (1 - random() / 2), least), signal);
    },
  };
}

/** Waits, and no longer than until the signal aborts; keeps no process alive. @internal */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal, ref: false });
  } catch {
    // Only an abort rejects here, and the caller looks at its signal next.
  }
}
