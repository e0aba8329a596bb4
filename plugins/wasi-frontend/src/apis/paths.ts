import type { CompoundEntityRef } from '@backstage/catalog-model';
import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiWriteOptions } from './WasiApi';

/** Path of an entity in the backend. */
export function entityPath(entity: CompoundEntityRef): string {
  return `/entities${segments(entity.kind, entity.namespace, entity.name)}`;
}

/** Path of the modules of an entity, on all clusters or on one. */
export function modulesPath(
  entity: CompoundEntityRef,
  cluster: string | undefined,
): string {
  const query =
    cluster === undefined ? '' : `?cluster=${encodeURIComponent(cluster)}`;
  return `${entityPath(entity)}/modules${query}`;
}

/** Path of one module of an entity. */
export function modulePath(
  entity: CompoundEntityRef,
  { cluster, namespace, name }: ModuleRef,
): string {
  return `${entityPath(entity)}/modules${segments(cluster, namespace, name)}`;
}

/** Path of one deployment of an entity. */
export function deploymentPath(entity: CompoundEntityRef, id: string): string {
  return `${entityPath(entity)}/deployments${segments(id)}`;
}

// Encoded, so that no name can leave its place.
function segments(...names: string[]): string {
  return names.map(name => `/${encodeURIComponent(name)}`).join('');
}

/** Of the dry run of a write. */
export function planPath(path: string): string {
  return `${path}?dryRun=true`;
}

/** Of a write as it was agreed to. */
export function writePath(
  path: string,
  { force, basis }: WasiWriteOptions = {},
): string {
  const query = new URLSearchParams({
    ...(force && { force: 'true' }),
    ...(basis !== undefined && { basis }),
  });
  return [path, String(query)].filter(Boolean).join('?');
}
