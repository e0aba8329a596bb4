import {
  FIELD_MANAGER,
  type FieldChange,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * The changes that would take a field from somebody who is not the portal,
 * each with its owner.
 *
 * @internal
 */
export function findConflicts(
  current: WasmModule | undefined,
  changes: readonly FieldChange[],
): FieldChange[] {
  return withOwners(current, changes)
    .filter(({ owner }) => owner)
    .map(conflict => ({ ...conflict, newOwner: FIELD_MANAGER }));
}

/**
 * Changes with those who own the fields, apart from the portal.
 *
 * @internal
 */
export function withOwners(
  current: WasmModule | undefined,
  changes: readonly FieldChange[],
): FieldChange[] {
  const owned = (current?.metadata.managedFields ?? [])
    .filter(
      ({ manager, subresource }) =>
        manager && !subresource && !isPortal(manager),
    )
    .flatMap(({ manager, fieldsV1 = {} }) =>
      pathsOf(fieldsV1).map(path => ({ path, owner: manager! })),
    );
  return changes.map(change => {
    const owners = owned
      .filter(
        ({ path }) =>
          isWithin(change.path, path) ||
          // What is new takes nothing of what lies beneath it.
          (change.kind !== 'added' && isWithin(path, change.path)),
      )
      .map(({ owner }) => owner);
    return owners.length > 0
      ? { ...change, owner: [...new Set(owners)].join(', ') }
      : change;
  });
}

/**
 * The labels and annotations that the portal has applied; an apply without
 * them would remove them.
 *
 * @internal
 */
export function findApplied(module: WasmModule): {
  labels: Record<string, string>;
  annotations: Record<string, string>;
} {
  const applied = (module.metadata.managedFields ?? [])
    .filter(
      ({ manager, operation, subresource }) =>
        manager && isPortal(manager) && operation === 'Apply' && !subresource,
    )
    .map(({ fieldsV1 = {} }) => childOf(fieldsV1, 'f:metadata'));
  const entries = (field: 'labels' | 'annotations') =>
    Object.fromEntries(
      Object.entries(module.metadata[field] ?? {}).filter(([key]) =>
        applied.some(fields =>
          Object.hasOwn(childOf(fields, `f:${field}`), `f:${key}`),
        ),
      ),
    );
  return { labels: entries('labels'), annotations: entries('annotations') };
}

/**
 * Paths of the fields that a manager owns, as `diffModules` writes them.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#System
 */
function pathsOf(fields: object, prefix = ''): string[] {
  return Object.entries(fields)
    .filter(([key]) => key !== '.')
    .flatMap(([key, value]) => {
      const path = `${prefix}${segment(key, prefix)}`;
      const children =
        typeof value === 'object' && value !== null ? pathsOf(value, path) : [];
      return children.length > 0 ? children : [path];
    });
}

function segment(key: string, prefix: string): string {
  const [kind, name] = [key.slice(0, 2), key.slice(2)];
  if (kind === 'k:') {
    return `[${Object.values(JSON.parse(name)).join(',')}]`;
  }
  if (kind === 'v:') {
    return `[${name}]`;
  }
  const isEntry = /^metadata\.(labels|annotations)$/.test(prefix);
  if (isEntry || !/^\w+$/.test(name)) {
    return `[${JSON.stringify(name)}]`;
  }
  return prefix === '' ? name : `.${name}`;
}

/** True for a path itself and for what lies beneath it. */
function isWithin(path: string, other: string): boolean {
  return (
    path === other ||
    path.startsWith(`${other}.`) ||
    path.startsWith(`${other}[`)
  );
}

function childOf(fields: object, key: string): object {
  const child = (fields as Record<string, unknown>)[key];
  return typeof child === 'object' && child !== null ? child : {};
}

function isPortal(manager: string): boolean {
  return manager === FIELD_MANAGER || manager.startsWith(`${FIELD_MANAGER}:`);
}
