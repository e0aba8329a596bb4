import { plainText } from './plainText';

const MAX_BYTES = 64 * 1024;
const CUT = '… [cut]';

interface Limits {
  /** Characters of a text. */
  text: number;
  /** Entries of a list or an object. */
  items: number;
  /** Objects within objects. */
  depth: number;
}

// The first under which the output fits is the one that counts.
const STEPS: readonly Limits[] = [
  { text: 4_000, items: 200, depth: 16 },
  { text: 1_000, items: 50, depth: 12 },
  { text: 300, items: 20, depth: 8 },
  { text: 100, items: 8, depth: 5 },
];

/**
 * An output of at most 64 KiB of JSON, its texts being plain ones; `truncated`
 * says what was cut.
 *
 * @param options - `text`: how long the longest text may be where there is room.
 * @internal
 */
export function boundOutput<T extends object>(
  output: T,
  options: { text?: number } = {},
): T & { truncated?: string[] } {
  const { text = STEPS[0].text } = options;
  for (const limits of [{ ...STEPS[0], text }, ...STEPS]) {
    const cut = new Set<string>();
    const bounded = withTruncated(bound(output, limits, '', cut) as T, cut);
    if (sizeOf(bounded) <= MAX_BYTES) {
      return bounded;
    }
  }
  return dropLargest(output);
}

function bound(
  value: unknown,
  limits: Limits,
  path: string,
  cut: Set<string>,
): unknown {
  if (typeof value === 'string') {
    const plain = plainText(value);
    if (plain.length <= limits.text) {
      return plain;
    }
    cut.add(path);
    return plain.slice(0, limits.text).replace(/[\ud800-\udbff]$/, '') + CUT;
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const depth = path === '' ? 0 : path.split('/').length;
  const empty = Array.isArray(value) ? [] : {};
  const entries = Object.entries(value).filter(
    ([, entry]) => entry !== undefined,
  );
  if (entries.length > 0 && depth >= limits.depth) {
    cut.add(path);
    return empty;
  }
  if (entries.length > limits.items) {
    cut.add(path);
  }
  const kept = entries.slice(0, limits.items).map(([key, entry]) => {
    const name = plainText(key).slice(0, limits.text);
    // The places of a list are all told as the list.
    const within = Array.isArray(value) ? path : `${path}/${name}`;
    return [
      name,
      bound(entry, limits, within.replace(/^\//, ''), cut),
    ] as const;
  });
  return Array.isArray(value)
    ? kept.map(([, entry]) => entry)
    : Object.fromEntries(kept);
}

/** Where many objects in objects leave nothing else. */
function dropLargest<T extends object>(
  output: T,
): T & { truncated?: string[] } {
  const cut = new Set<string>();
  const left = bound(output, STEPS[STEPS.length - 1], '', cut) as T;
  const bySize = Object.entries(left)
    .sort(([, a], [, b]) => sizeOf(b) - sizeOf(a))
    .map(([key]) => key as keyof T & string);
  for (const key of bySize) {
    delete left[key];
    cut.add(key);
    const bounded = withTruncated(left, cut);
    if (sizeOf(bounded) <= MAX_BYTES) {
      return bounded;
    }
  }
  return withTruncated(left, new Set(['everything']));
}

function withTruncated<T extends object>(
  output: T,
  cut: Set<string>,
): T & { truncated?: string[] } {
  return cut.size > 0
    ? {
        ...output,
        truncated: [...cut].slice(0, 20).map(path => path.slice(0, 200)),
      }
    : output;
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
