import { createHash } from 'node:crypto';
import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';

// https://backstage.io/docs/features/software-catalog/descriptor-format#name-required
const MAX_NAME = 63;
const SUFFIX_LENGTH = 10;

/**
 * The name of the entity of a module: its own, and a suffix that is another one
 * for each cluster and namespace and stays the same whatever else there is.
 *
 * @internal
 */
export function entityNameOf(ref: ModuleRef): string {
  const suffix = createHash('sha256')
    .update(JSON.stringify([ref.cluster, ref.namespace, ref.name]))
    .digest('hex')
    .slice(0, SUFFIX_LENGTH);
  const name = ref.name
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .slice(0, MAX_NAME - suffix.length - 1)
    .replace(/^-+|-+$/g, '');
  return [name, suffix].filter(Boolean).join('-');
}
