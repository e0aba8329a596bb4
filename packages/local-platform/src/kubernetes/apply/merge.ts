import { isObject, type Json, type Schema } from '../schema/Schema';
import { FieldSet } from './FieldSet';
import { partsByElement, partsOf } from './shape';

/** Lays an applied object over a live one: what it names replaces or joins, the rest stays. */
export function merge(
  live: Json | undefined,
  applied: Json,
  schema: Schema | undefined,
): Json {
  const ours = partsOf(applied, schema);
  const theirs = partsByElement(live, schema);
  if (!ours || !theirs || isObject(live) !== isObject(applied)) {
    return applied;
  }
  const merged = new Map([...theirs].map(([key, part]) => [key, part.value]));
  for (const part of ours) {
    merged.set(
      part.element,
      merge(theirs.get(part.element)?.value, part.value, part.schema),
    );
  }
  return Array.isArray(applied)
    ? [...merged.values()]
    : Object.fromEntries(
        [...merged].map(([element, value]) => [element.slice(2), value]),
      );
}

/** The value without the parts that a set holds. */
export function remove(
  value: Json,
  set: FieldSet,
  schema: Schema | undefined,
): Json {
  const parts = partsOf(value, schema);
  if (!parts || set.children.size === 0) {
    return value;
  }
  const kept = parts
    .filter(part => !set.below(part.element).member)
    .map(part => ({
      element: part.element,
      value: remove(part.value, set.below(part.element), part.schema),
    }));
  return Array.isArray(value)
    ? kept.map(part => part.value)
    : Object.fromEntries(kept.map(part => [part.element.slice(2), part.value]));
}
