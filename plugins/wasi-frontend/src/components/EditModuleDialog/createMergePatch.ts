/**
 * What makes one object of another by RFC 7386: fields that go are `null`,
 * lists come as a whole. Nothing where they are the same.
 */
export function createMergePatch(
  before: object,
  after: object,
): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {};
  const [was, is] = [before, after] as Record<string, unknown>[];
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const change = changeOf(was[key], is[key]);
    if (change !== undefined) {
      patch[key] = change;
    }
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

function changeOf(before: unknown, after: unknown): unknown {
  if (JSON.stringify(before) === JSON.stringify(after)) {
    return undefined;
  }
  if (after === undefined) {
    return null;
  }
  return isObject(before) && isObject(after)
    ? createMergePatch(before, after)
    : after;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
