import {
  WASM_MODULE_GROUP,
  type ModuleEvent,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { Companion } from './types';

const MAX_MESSAGE_LENGTH = 600;

const time = z.string().nullish();

const eventSchema = z.object({
  metadata: z.object({
    name: z.string().default(''),
    namespace: z.string().default('default'),
    resourceVersion: z.string().optional(),
    creationTimestamp: time,
  }),
  involvedObject: z.object({
    kind: z.string().default(''),
    apiVersion: z.string().default(''),
    namespace: z.string().optional(),
    name: z.string().default(''),
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
});

type KubernetesEvent = z.infer<typeof eventSchema>;

/**
 * What an event tells of a module: an event of the module itself, or of what
 * Knative made for it, which is told by its name.
 *
 * @internal
 */
export function readEvent(row: unknown): Companion | undefined {
  const parsed = eventSchema.safeParse(row);
  if (!parsed.success) {
    // An event that we cannot read says nothing about a module; the others stand.
    return undefined;
  }
  const event = parsed.data;
  const { involvedObject: about, metadata } = event;
  const name = moduleOf(about);
  return name === undefined
    ? undefined
    : {
        namespace: about.namespace ?? metadata.namespace,
        name,
        id: metadata.name,
        resourceVersion: metadata.resourceVersion,
        tells: {
          event: toModuleEvent(event),
          ...(about.kind === 'WasmModule' && { ofUid: about.uid }),
        },
      };
}

// Knative names what it makes after the Service: name, number of the revision, part.
// https://github.com/knative/serving/blob/main/docs/spec/overview.md
const REVISION = /^(.+)-\d{5}$/;
// Kubernetes cuts long names of pods, so the word may not be whole.
const PART = /^(.+)-\d{5}-deploy/;

function moduleOf(
  about: KubernetesEvent['involvedObject'],
): string | undefined {
  const { kind, apiVersion, name } = about;
  switch (kind) {
    case 'WasmModule':
      return apiVersion === '' || apiVersion.startsWith(`${WASM_MODULE_GROUP}/`)
        ? name
        : undefined;
    case 'Service':
    case 'Configuration':
      return name;
    case 'Revision':
      return REVISION.exec(name)?.[1];
    case 'Pod':
    case 'ReplicaSet':
    case 'Deployment':
      return PART.exec(name)?.[1];
    default:
      return undefined;
  }
}

function toModuleEvent(event: KubernetesEvent): ModuleEvent {
  const { kind, name } = event.involvedObject;
  return {
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    reason: event.reason,
    message: event.message.slice(0, MAX_MESSAGE_LENGTH),
    count: event.series?.count ?? event.count ?? 1,
    lastSeen:
      event.series?.lastObservedTime ??
      event.lastTimestamp ??
      event.eventTime ??
      event.metadata.creationTimestamp ??
      undefined,
    ...(kind !== 'WasmModule' && { about: { kind, name } }),
  };
}
