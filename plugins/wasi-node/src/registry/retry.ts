import { RegistryFailure } from './RegistryFailure';

/** Waits; gives up early, with an error, when the signal says so. @public */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>;

const attempts = 3;
const firstPauseMs = 250;
const longestPauseMs = 30_000;

/**
 * Tries again what may be tried again, a few times, after the pause that the
 * registry asked for.
 *
 * A registry that asks for a longer pause than we are ready to make gets none:
 * its error then tells the user how long to wait.
 */
export async function withRetry<Result>(
  operation: () => Promise<Result>,
  { pause, signal }: { pause: Pause; signal?: AbortSignal },
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      const again = error instanceof RegistryFailure ? error.again : undefined;
      const pauseMs = again?.afterMs ?? firstPauseMs * 2 ** (attempt - 1);
      if (!again || attempt === attempts || pauseMs > longestPauseMs) {
        throw error;
      }
      await pause(pauseMs, signal);
    }
  }
}

/**
 * Reads `Retry-After`: seconds, or a date.
 *
 * https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function readRetryAfter(
  header: string | undefined,
  now: number,
): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  if (/^\d{1,9}$/.test(header.trim())) {
    return Number(header) * 1000;
  }
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
