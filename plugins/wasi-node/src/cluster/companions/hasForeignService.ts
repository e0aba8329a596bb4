import type { KubernetesConnection } from '../KubernetesConnection';
import { listResource } from '../listResource';
import type { ModuleName } from '../types';
import { companionResources } from './companionResources';
import { readService } from './readService';

/**
 * Whether a Knative Service of a module's name is there that no WasmModule owns.
 *
 * A list of one name, since reading modules takes the right to list Services
 * already.
 *
 * @internal
 */
export async function hasForeignService(
  connection: KubernetesConnection,
  ref: ModuleName,
  options: { signal?: AbortSignal } = {},
): Promise<boolean> {
  const { items } = await listResource(connection, {
    resource: {
      ...companionResources.services,
      read: row => (readService(row) ? undefined : true),
    },
    namespace: ref.namespace,
    query: { fieldSelector: `metadata.name=${ref.name}` },
    signal: options.signal,
  });
  return items.length > 0;
}
