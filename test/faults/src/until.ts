import { setTimeout as delay } from 'node:timers/promises';

export const LOOK_MS = 20;

/** Looks until it holds; the test's own timeout ends it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await delay(LOOK_MS);
  }
}
