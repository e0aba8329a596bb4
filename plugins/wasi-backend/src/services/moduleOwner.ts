import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import { ANNOTATION_KUBERNETES_ID } from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleOwner } from '@wasi-functions/backstage-plugin-wasi-node';

/** The owner of modules that an entity is. @internal */
export function moduleOwner(
  entity: Entity,
): ModuleOwner & { kubernetesId: string } {
  return {
    entityRef: stringifyEntityRef(entity),
    kubernetesId:
      entity.metadata.annotations?.[ANNOTATION_KUBERNETES_ID] ??
      entity.metadata.name,
  };
}
