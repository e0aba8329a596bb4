import { isObject } from './Schema';

/**
 * Whether two JSON values say the same; an undefined field is an absent one.
 *
 * Node's own comparison tells objects apart by their prototypes, which differ
 * between a copy and its original where a realm of its own is used, as in tests.
 */
export function isSameJson(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.length === right.length &&
      left.every((item, index) => isSameJson(item, right[index]))
    );
  }
  if (isObject(left) && isObject(right)) {
    const names = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...names].every(name =>
      isSameJson(ownValue(left, name), ownValue(right, name)),
    );
  }
  return left === right;
}

function ownValue(object: object, name: string): unknown {
  return Object.hasOwn(object, name)
    ? (object as Record<string, unknown>)[name]
    : undefined;
}
