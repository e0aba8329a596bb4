import { randomInt, randomUUID } from 'node:crypto';
import { isSameJson } from '../schema/isSameJson';
import type { KubernetesObject } from '../ObjectStore';
import {
  apiVersionOf,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';

/** An instant as objects carry it: whole seconds, UTC. */
export function timestamp(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}

/** Gives a new object its identity; whatever identity it was sent with is dropped. */
export function stampNew<T extends KubernetesObject>(
  definition: ResourceDefinition,
  object: T,
  now: Date,
): T {
  const {
    uid: _uid,
    resourceVersion: _resourceVersion,
    generation: _generation,
    creationTimestamp: _creationTimestamp,
    deletionTimestamp: _deletionTimestamp,
    deletionGracePeriodSeconds: _deletionGracePeriodSeconds,
    managedFields: _managedFields,
    namespace,
    ...metadata
  } = object.metadata;
  const { generateName } = metadata as { generateName?: string };
  return {
    ...object,
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    metadata: {
      ...metadata,
      ...(generateName && !metadata.name && { name: complete(generateName) }),
      ...(definition.namespaced && { namespace }),
      uid: randomUUID(),
      creationTimestamp: timestamp(now),
      ...(definition.countsGenerations && { generation: 1 }),
    },
  };
}

/** Gives a changed object the identity of the stored one. */
export function stampUpdate<T extends KubernetesObject>(
  definition: ResourceDefinition,
  object: T,
  current: KubernetesObject,
): T {
  const {
    name,
    namespace,
    uid,
    resourceVersion,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    generation,
  } = current.metadata;
  const {
    deletionTimestamp: _sentTimestamp,
    deletionGracePeriodSeconds: _sentSeconds,
    generation: _sentGeneration,
    ...metadata
  } = object.metadata;
  return {
    ...object,
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    metadata: {
      ...metadata,
      name,
      ...(namespace !== undefined && { namespace }),
      uid,
      resourceVersion,
      creationTimestamp,
      ...(deletionTimestamp && { deletionTimestamp }),
      ...(deletionGracePeriodSeconds !== undefined && {
        deletionGracePeriodSeconds,
      }),
      ...(generation !== undefined && { generation }),
    },
  };
}

/** Counts a change of the desired state; metadata and status are none. */
export function countGeneration<T extends KubernetesObject>(
  object: T,
  current: KubernetesObject,
): T {
  const { generation } = current.metadata;
  if (
    generation === undefined ||
    isSameJson(desired(object), desired(current))
  ) {
    return object;
  }
  return {
    ...object,
    metadata: { ...object.metadata, generation: generation + 1 },
  };
}

function desired(object: KubernetesObject) {
  return { ...object, apiVersion: '', metadata: {}, status: undefined };
}

// Without vowels and look-alikes, as Kubernetes' own.
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

function complete(prefix: string): string {
  const suffix = Array.from(
    { length: 5 },
    () => SUFFIX_LETTERS[randomInt(SUFFIX_LETTERS.length)],
  ).join('');
  return `${prefix.slice(0, 58)}${suffix}`;
}
