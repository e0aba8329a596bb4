import type { KubernetesObject } from '../ObjectStore';
import type { JsonObject, Schema } from '../schema/Schema';
import { applyConflict } from '../status/refusals';
import { compare } from './compare';
import { FieldSet, printPath } from './FieldSet';
import { fieldsOf, withNamedParents } from './fieldsOf';
import {
  isManager,
  ownable,
  withFields,
  type Manager,
  type ManagerKey,
} from './managedFields';
import { merge, remove } from './merge';

/**
 * Server-side apply: what the configuration names is set and owned, what its
 * manager owned and no longer names is removed unless someone else owns it,
 * and a value that someone else owns is changed by force only.
 *
 * @throws KubernetesStatusError 409 with a cause for each conflict.
 */
export function applyConfiguration(options: {
  live: KubernetesObject;
  configuration: KubernetesObject;
  managers: Manager[];
  key: ManagerKey;
  schema: Schema;
  apiVersion: string;
  now: string;
  force: boolean;
  /** Fields that are taken from others where nothing else would be. */
  yielded?: FieldSet;
}): { object: KubernetesObject; managers: Manager[] } {
  const { live, configuration, managers, key, schema } = options;
  const config = ownable(configuration);
  const before = ownable(live);
  const owned = fieldsOf(config, schema);
  const last =
    managers.find(manager => isManager(manager, key))?.fields ?? FieldSet.empty;
  const others = managers.filter(manager => !isManager(manager, key));

  const merged = merge(before, config, schema);
  const stillOwned = others.reduce(
    (set, manager) => set.union(manager.fields),
    owned,
  );
  const after = remove(
    merged,
    withNamedParents(last).difference(withNamedParents(stillOwned)),
    schema,
  ) as JsonObject;

  const { added, modified, removed } = compare(before, after, schema);
  const changed = added.union(modified);
  const conflicts = others
    .map(manager => ({
      manager,
      fields: manager.fields.intersection(changed),
    }))
    .filter(({ fields }) => !fields.isEmpty);
  const { force, yielded = FieldSet.empty } = options;
  const isContested = conflicts.some(
    ({ fields }) => !fields.difference(yielded).isEmpty,
  );
  if (isContested && !force) {
    throw conflictError(conflicts);
  }
  const remaining = others
    .map(manager => ({
      ...manager,
      fields: manager.fields.difference(changed.union(removed)),
    }))
    .filter(manager => !manager.fields.isEmpty);
  const own = managers.filter(manager => isManager(manager, key));
  return {
    object: withContent(live, after),
    managers: withFields([...own, ...remaining], key, owned, options),
  };
}

/** The live object's identity with new content. */
function withContent(
  live: KubernetesObject,
  content: JsonObject,
): KubernetesObject {
  const { metadata: ownedMetadata, ...rest } = content;
  const identity = { ...(live.metadata as unknown as JsonObject) };
  const before = ownable(live).metadata;
  for (const name of Object.keys((before as JsonObject) ?? {})) {
    delete identity[name];
  }
  return {
    ...rest,
    apiVersion: live.apiVersion,
    kind: live.kind,
    metadata: { ...identity, ...(ownedMetadata as JsonObject) },
  } as unknown as KubernetesObject;
}

function conflictError(conflicts: { manager: Manager; fields: FieldSet }[]) {
  const found = conflicts.flatMap(({ manager, fields }) =>
    fields.paths().map(path => ({
      manager: printManager(manager),
      field: printPath(path),
    })),
  );
  const causes = found.map(({ manager, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${manager}`,
    field,
  }));
  if (found.length === 1) {
    return applyConflict(
      `Apply failed with 1 conflict: conflict with ${found[0].manager}: ${found[0].field}`,
      causes,
    );
  }
  const names = [...new Set(found.map(({ manager }) => manager))].sort();
  const lines = names.flatMap(name => [
    `conflicts with ${name}:`,
    ...found
      .filter(({ manager }) => manager === name)
      .map(({ field }) => `- ${field}`),
  ]);
  return applyConflict(
    `Apply failed with ${found.length} conflicts: ${lines.join('\n')}`,
    causes,
  );
}

function printManager(manager: Manager): string {
  const name = JSON.stringify(manager.name);
  const subresource = manager.subresource
    ? ` with subresource ${JSON.stringify(manager.subresource)}`
    : '';
  return manager.operation === 'Update'
    ? `${name}${subresource} using ${manager.apiVersion}`
    : `${name}${subresource}`;
}
