import {
  ANNOTATION_ENTITY_REF,
  LABEL_KUBERNETES_ID,
  WasiError,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** Who wants to change a module. @public */
export interface ModuleOwner {
  entityRef: string;
  /** What the label `backstage.io/kubernetes-id` must say on a module without an entity. */
  kubernetesId?: string;
}

/**
 * Refuses to change, delete or invoke a module through an entity that does not
 * own it: MODULE_OWNED_BY_OTHER.
 *
 * A module belongs to the entity that its own annotation names; one without
 * that annotation, to the entity whose Kubernetes id its label has. That an
 * entity names a module proves nothing: catalog files are written by anybody.
 *
 * @public
 */
export function checkModuleOwner(module: WasmModule, owner: ModuleOwner): void {
  const { name, namespace, annotations, labels } = module.metadata;
  const what = `WasmModule ${namespace ?? 'default'}/${name}`;
  const entityRef = annotations?.[ANNOTATION_ENTITY_REF];
  if (entityRef !== undefined) {
    if (normalise(entityRef) !== normalise(owner.entityRef)) {
      throw new WasiError('MODULE_OWNED_BY_OTHER', {
        message: `${what} belongs to ${entityRef}, not to ${owner.entityRef}.`,
        remedy: `Change it through ${entityRef}, or choose another name.`,
      });
    }
    return;
  }
  const kubernetesId = labels?.[LABEL_KUBERNETES_ID];
  if (!owner.kubernetesId || kubernetesId !== owner.kubernetesId) {
    throw new WasiError('MODULE_OWNED_BY_OTHER', {
      message: `${what} was not deployed for ${owner.entityRef}: it has neither the annotation ${ANNOTATION_ENTITY_REF} nor the entity's label ${LABEL_KUBERNETES_ID}.`,
      remedy: `Set the annotation ${ANNOTATION_ENTITY_REF}: ${owner.entityRef} on the module in the cluster, or choose another name.`,
    });
  }
}

function normalise(entityRef: string): string {
  return entityRef.toLocaleLowerCase('en-US');
}
