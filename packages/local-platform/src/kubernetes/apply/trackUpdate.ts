import type { KubernetesObject } from '../ObjectStore';
import type { Schema } from '../schema/Schema';
import { compare } from './compare';
import { FieldSet } from './FieldSet';
import {
  isManager,
  ownable,
  withFields,
  type Manager,
  type ManagerKey,
} from './managedFields';

/** Gives the fields that an update changed to the one who made it. */
export function trackUpdate(options: {
  before: KubernetesObject | undefined;
  after: KubernetesObject;
  managers: Manager[];
  key: ManagerKey;
  schema: Schema;
  apiVersion: string;
  now: string;
}): Manager[] {
  const { before, after, managers, key, schema } = options;
  const { added, modified, removed } = compare(
    before ? ownable(before) : {},
    ownable(after),
    schema,
  );
  const taken = added.union(modified);
  const lost = taken.union(removed);
  const others = managers
    .filter(manager => !isManager(manager, key))
    .map(manager => ({ ...manager, fields: manager.fields.difference(lost) }))
    .filter(manager => !manager.fields.isEmpty);
  const own = managers.filter(manager => isManager(manager, key));
  const fields = (own[0]?.fields ?? FieldSet.empty)
    .difference(removed)
    .union(taken);
  return withFields([...own, ...others], key, fields, options);
}
