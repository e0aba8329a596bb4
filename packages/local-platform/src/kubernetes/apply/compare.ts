import { isSameJson } from '../schema/isSameJson';
import { isObject, type Json, type Schema } from '../schema/Schema';
import { FieldSet } from './FieldSet';
import { partsByElement } from './shape';

/** Which fields two states of an object differ in. */
export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** Compares in the parts that a schema lets be owned by themselves. */
export function compare(
  before: Json | undefined,
  after: Json | undefined,
  schema: Schema | undefined,
): Comparison {
  const paths = { added: [], modified: [], removed: [] } as Record<
    keyof Comparison,
    string[][]
  >;
  visit(before, after, schema, [], paths);
  return {
    added: FieldSet.of(paths.added),
    modified: FieldSet.of(paths.modified),
    removed: FieldSet.of(paths.removed),
  };
}

function visit(
  before: Json | undefined,
  after: Json | undefined,
  schema: Schema | undefined,
  path: string[],
  paths: Record<keyof Comparison, string[][]>,
): void {
  if (before === undefined && after === undefined) {
    return;
  }
  const whole = () => {
    if (before === undefined) {
      paths.added.push(path);
    } else if (after === undefined) {
      paths.removed.push(path);
    } else if (!isSameJson(before, after)) {
      paths.modified.push(path);
    }
  };
  const left = partsByElement(before, schema);
  const right = partsByElement(after, schema);
  const mixed =
    (before !== undefined && !left) ||
    (after !== undefined && !right) ||
    (before !== undefined &&
      after !== undefined &&
      isObject(before) !== isObject(after));
  if (mixed || (!left?.size && !right?.size)) {
    whole();
    return;
  }
  for (const element of new Set([
    ...(left?.keys() ?? []),
    ...(right?.keys() ?? []),
  ])) {
    const [one, other] = [left?.get(element), right?.get(element)];
    visit(
      one?.value,
      other?.value,
      (other ?? one)!.schema,
      [...path, element],
      paths,
    );
  }
  if (before === undefined || after === undefined) {
    whole();
  }
}
