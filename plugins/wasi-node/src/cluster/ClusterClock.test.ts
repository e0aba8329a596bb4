import { ClusterClock } from './ClusterClock';

const HOUR = 3_600_000;
const START = Date.parse('2026-01-01T12:00:00Z');

describe('the clock of a cluster', () => {
  let now: number;
  let clock: ClusterClock;

  beforeEach(() => {
    now = START;
    clock = new ClusterClock(() => now);
  });

  function answer(date: string | undefined, tookMs = 100): void {
    const hear = clock.start();
    now += tookMs;
    hear(date);
  }
  const dateOf = (ms: number) => new Date(ms).toUTCString();

  it.each([3 * HOUR, -5 * HOUR, 60_000])('is told to be %d ms off', ms => {
    answer(dateOf(now + ms));
    expect(Math.abs(clock.aheadMs! - ms)).toBeLessThanOrEqual(1_000);
  });

  it('is not told where it is right, or not known', () => {
    expect(clock.aheadMs).toBeUndefined();
    answer(dateOf(now));
    expect(clock.aheadMs).toBeUndefined();
  });

  it('is the one of the last answer, and of none that has no date or took long', () => {
    answer(dateOf(now + HOUR));
    answer(undefined);
    answer('yesterday');
    answer(dateOf(now), 10_000);
    expect(clock.aheadMs).toBeGreaterThan(HOUR - 2_000);
    answer(dateOf(now));
    expect(clock.aheadMs).toBeUndefined();
  });
});
