import type { Json } from '../schema/Schema';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Time since an instant as `kubectl` prints it: `42s`, `3m12s`, `5h`, `2d3h`. */
export function age(instant: Json | undefined, now: Date): string {
  const from = typeof instant === 'string' ? Date.parse(instant) : NaN;
  if (Number.isNaN(from)) {
    return '<unknown>';
  }
  const elapsed = now.getTime() - from;
  // A clock that is a little behind is no reason to say "invalid".
  if (elapsed < -2 * SECOND) {
    return '<invalid>';
  }
  return duration(Math.max(elapsed, 0));
}

function duration(elapsed: number): string {
  if (elapsed < 2 * MINUTE) {
    return units(elapsed, SECOND, 's');
  }
  if (elapsed < 10 * MINUTE) {
    return both(elapsed, [MINUTE, 'm'], [SECOND, 's']);
  }
  if (elapsed < 3 * HOUR) {
    return units(elapsed, MINUTE, 'm');
  }
  if (elapsed < 8 * HOUR) {
    return both(elapsed, [HOUR, 'h'], [MINUTE, 'm']);
  }
  if (elapsed < 2 * DAY) {
    return units(elapsed, HOUR, 'h');
  }
  if (elapsed < 8 * DAY) {
    return both(elapsed, [DAY, 'd'], [HOUR, 'h']);
  }
  if (elapsed < 2 * YEAR) {
    return units(elapsed, DAY, 'd');
  }
  return elapsed < 8 * YEAR
    ? both(elapsed, [YEAR, 'y'], [DAY, 'd'])
    : units(elapsed, YEAR, 'y');
}

function units(elapsed: number, unit: number, name: string): string {
  return `${Math.floor(elapsed / unit)}${name}`;
}

function both(
  elapsed: number,
  [large, largeName]: [number, string],
  [small, smallName]: [number, string],
): string {
  const rest = Math.floor((elapsed % large) / small);
  return `${units(elapsed, large, largeName)}${
    rest ? `${rest}${smallName}` : ''
  }`;
}
