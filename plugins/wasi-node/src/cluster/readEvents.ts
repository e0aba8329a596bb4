import type { ModuleEvent } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { readEvent } from './companions';
import type { KubernetesConnection } from './KubernetesConnection';
import { pathSegment } from './pathSegment';
import { readJson } from './readJson';
import { toClusterError } from './toClusterError';
import type { ModuleName } from './types';

const MAX_EVENTS = 50;
const PAGE_SIZE = 500;

const listSchema = z.object({ items: z.array(z.unknown()).nullable() });

/**
 * Events of a module and of the Knative Service of its name, newest last.
 *
 * The Service's are read too, because the controller's own say "wasn't found"
 * for several different causes.
 *
 * @internal
 */
export async function readEvents(
  connection: KubernetesConnection,
  options: { ref: ModuleName; uid?: string; signal?: AbortSignal },
): Promise<ModuleEvent[]> {
  const { ref, uid, signal } = options;
  const answer = await connection.send({
    method: 'GET',
    path: `/api/v1/namespaces/${pathSegment(ref.namespace)}/events`,
    query: {
      fieldSelector: `involvedObject.name=${pathSegment(ref.name)}`,
      limit: PAGE_SIZE,
    },
    signal,
  });
  if (answer.status !== 200) {
    throw toClusterError(answer, {
      cluster: connection.cluster,
      verb: 'read the events of WasmModule',
      module: ref,
    });
  }
  const { items } = readJson(answer, {
    schema: listSchema,
    cluster: connection.cluster,
    wanted: 'a list of events',
  });
  return (items ?? [])
    .flatMap(item => {
      const { name, tells } = readEvent(item) ?? {};
      return name === ref.name &&
        tells &&
        'event' in tells &&
        (!uid || !tells.ofUid || tells.ofUid === uid)
        ? [tells.event]
        : [];
    })
    .sort((a, b) => (a.lastSeen ?? '').localeCompare(b.lastSeen ?? ''))
    .slice(-MAX_EVENTS);
}
