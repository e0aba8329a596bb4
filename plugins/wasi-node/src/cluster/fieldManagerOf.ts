import { createHash } from 'node:crypto';
import { FIELD_MANAGER } from '@wasi-functions/backstage-plugin-wasi-common';

// https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers
const LONGEST = 128;

/**
 * The field manager that applies the modules of an entity.
 *
 * One for each, so that the API server itself refuses an entity what another
 * one has applied.
 *
 * @internal
 */
export function fieldManagerOf(entityRef: string): string {
  const manager = `${FIELD_MANAGER}:${entityRef}`;
  return manager.length <= LONGEST
    ? manager
    : `${FIELD_MANAGER}:${createHash('sha256')
        .update(entityRef)
        .digest('hex')}`;
}

/** Tells a field manager that is the portal, for whatever entity. @internal */
export function isOurs(manager: string): boolean {
  return manager === FIELD_MANAGER || manager.startsWith(`${FIELD_MANAGER}:`);
}
