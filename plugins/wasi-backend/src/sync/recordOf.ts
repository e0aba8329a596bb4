import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import type { SyncRequestTarget } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Source } from './SourceReader';
import type { SyncRecord } from './SyncStore';

/** What is kept of an environment until a look has told more. @internal */
export function recordOf(job: {
  entity: Entity;
  target: SyncRequestTarget;
  previous?: SyncRecord;
  source?: Source;
  at: Date;
}): SyncRecord {
  const { entity, target, previous, source, at } = job;
  return {
    entity: stringifyEntityRef(entity),
    environment: target.environment,
    ref: previous?.ref ?? {
      cluster: target.cluster ?? '',
      namespace: target.namespace ?? '',
      name: entity.metadata.name,
    },
    mode: 'observe',
    state: 'unknown',
    message: '',
    drift: previous?.drift ?? [],
    deployed: previous?.deployed ?? false,
    desiredHash: previous?.desiredHash,
    proposedHash: previous?.proposedHash,
    pullRequestUrl: previous?.pullRequestUrl,
    managedBy: previous?.managedBy,
    inspected: previous?.inspected,
    failures: 0,
    missingReads: 0,
    source: source
      ? {
          url: source.url,
          revision: source.revision,
          overlay: source.overlay?.url,
        }
      : { url: previous?.source.url ?? '' },
    lastRunAt: at.toISOString(),
  };
}
