import type { ServerResponse } from 'node:http';
import type { KubernetesObject } from '../ObjectStore';
import { isSameJson } from '../schema/isSameJson';
import { warn } from './warn';

/** Drops owners that are named again, and says so. */
export function uniqueOwners(
  response: ServerResponse,
  object: KubernetesObject,
): KubernetesObject {
  const { ownerReferences = [] } = object.metadata;
  const again = ownerReferences.filter((owner, index) =>
    ownerReferences.slice(0, index).some(other => isSameJson(other, owner)),
  );
  if (again.length === 0) {
    return object;
  }
  const uids = new Set(again.map(owner => (owner as { uid?: string }).uid));
  warn(response, [
    `.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${[
      ...uids,
    ].join(', ')}`,
  ]);
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ownerReferences: ownerReferences.filter(owner => !again.includes(owner)),
    },
  };
}
