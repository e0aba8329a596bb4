import { createHash } from 'node:crypto';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import type { KubernetesObject, ObjectStore } from '../kubernetes';
import { timestamp } from './timestamp';

const COMPONENT = 'wasmmodule-controller';

interface EventObject extends KubernetesObject {
  involvedObject: object;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  count: number;
  firstTimestamp: string;
  lastTimestamp: string;
  source: { component: string };
}

/**
 * Records an event about a module, as the real controller does: it may create
 * events and not change them, so that a repeated one is told but once.
 *
 * @internal
 */
export function recordEvent(
  store: ObjectStore,
  module: WasmModule,
  event: { reason: string; message: string; now: Date },
): void {
  const { name, namespace = 'default', uid } = module.metadata;
  const { reason, message } = event;
  const time = timestamp(event.now);
  const hash = createHash('sha256')
    .update(JSON.stringify([uid, reason, message]))
    .digest('hex')
    .slice(0, 16);
  const eventName = `${name}.${hash}`;
  if (store.get('events', namespace, eventName)) {
    return;
  }
  const created: EventObject = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: eventName, namespace },
    involvedObject: {
      apiVersion: module.apiVersion,
      kind: module.kind,
      name,
      namespace,
      uid,
      resourceVersion: module.metadata.resourceVersion,
    },
    type: 'Warning',
    reason,
    message,
    count: 1,
    firstTimestamp: time,
    lastTimestamp: time,
    source: { component: COMPONENT },
  };
  store.create('events', created);
}
