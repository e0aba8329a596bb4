import {
  ANNOTATION_ENTITY_REF,
  WasiError,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * Refuses to change, delete or invoke a module through an entity that does not
 * own it: MODULE_OWNED_BY_OTHER.
 *
 * A module belongs to the entity that its own annotation names, and to nobody
 * without it. Neither what an entity says of modules nor a label both have
 * proves anything: catalog files are written by anybody, and labels are chosen
 * by who deploys. Both suffice to look at a module.
 *
 * @public
 */
export function checkModuleOwner(module: WasmModule, entityRef: string): void {
  const { name, namespace, annotations } = module.metadata;
  const what = `WasmModule ${namespace ?? 'default'}/${name}`;
  const owner = annotations?.[ANNOTATION_ENTITY_REF];
  if (owner === undefined) {
    throw new WasiError('MODULE_OWNED_BY_OTHER', {
      message: `${what} was not deployed for ${entityRef}: it has no annotation ${ANNOTATION_ENTITY_REF}.`,
      remedy: `Have an administrator of the cluster set the annotation ${ANNOTATION_ENTITY_REF}: ${entityRef} on the module, or choose another name.`,
    });
  }
  if (normalise(owner) !== normalise(entityRef)) {
    throw new WasiError('MODULE_OWNED_BY_OTHER', {
      message: `${what} belongs to ${owner}, not to ${entityRef}.`,
      remedy: `Change it through ${owner}, or choose another name.`,
    });
  }
}

function normalise(entityRef: string): string {
  return entityRef.toLocaleLowerCase('en-US');
}
