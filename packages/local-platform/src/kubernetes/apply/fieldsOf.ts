import type { Json, Schema } from '../schema/Schema';
import { FieldSet } from './FieldSet';
import { partsOf } from './shape';

/** The fields that an applied object sets, and thereby owns. */
export function fieldsOf(value: Json, schema: Schema | undefined): FieldSet {
  const parts = partsOf(value, schema);
  if (!parts) {
    return FieldSet.node(true, new Map());
  }
  const children = new Map<string, FieldSet>();
  for (const part of parts) {
    const below = fieldsOf(part.value, part.schema);
    const empty = below.isEmpty;
    // Keys of maps and items of lists belong to whoever sets them; a field
    // that the schema names is owned through what is below it.
    children.set(
      part.element,
      FieldSet.node(
        below.member || empty || !part.named,
        new Map(below.children),
      ),
    );
  }
  return FieldSet.node(false, children);
}

/** Adds the named fields that lead to members, which count as owned where something is removed. */
export function withNamedParents(set: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, child] of set.children) {
    const below = withNamedParents(child);
    const parent = element.startsWith('f:') && below.children.size > 0;
    children.set(
      element,
      FieldSet.node(below.member || parent, new Map(below.children)),
    );
  }
  return FieldSet.node(set.member, children);
}
