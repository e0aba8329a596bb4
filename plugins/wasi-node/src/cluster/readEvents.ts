import type { ModuleEvent } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { KubernetesConnection } from './KubernetesConnection';
import { pathSegment } from './pathSegment';
import { readJson } from './readJson';
import { toClusterError } from './toClusterError';
import type { ModuleName } from './types';

const MAX_EVENTS = 50;
const PAGE_SIZE = 500;

const listSchema = z.object({ items: z.array(z.unknown()).nullable() });

const time = z.string().nullish();

const eventSchema = z.object({
  involvedObject: z.object({
    kind: z.string().optional(),
    uid: z.string().optional(),
  }),
  type: z.string().optional(),
  reason: z.string().default(''),
  message: z.string().default(''),
  count: z.number().nullish(),
  series: z
    .object({ count: z.number().optional(), lastObservedTime: time })
    .nullish(),
  lastTimestamp: time,
  eventTime: time,
  metadata: z.object({ creationTimestamp: time }),
});

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
      // An event that we cannot read says nothing about the module; the others stand.
      const event = eventSchema.safeParse(item).data;
      return event ? [event] : [];
    })
    .filter(
      ({ involvedObject: { kind, uid: of } }) =>
        kind === 'Service' ||
        (kind === 'WasmModule' && (!uid || !of || of === uid)),
    )
    .map(toModuleEvent)
    .sort((a, b) => (a.lastSeen ?? '').localeCompare(b.lastSeen ?? ''))
    .slice(-MAX_EVENTS);
}

function toModuleEvent(event: z.infer<typeof eventSchema>): ModuleEvent {
  return {
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    reason: event.reason,
    message: event.message,
    count: event.series?.count ?? event.count ?? 1,
    lastSeen:
      event.series?.lastObservedTime ??
      event.lastTimestamp ??
      event.eventTime ??
      event.metadata.creationTimestamp ??
      undefined,
  };
}
