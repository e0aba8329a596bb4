import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import {
  ANNOTATION_ENTITY_REF,
  ANNOTATION_KUBERNETES_ID,
  ANNOTATION_KUBERNETES_NAMESPACE,
  LABEL_KUBERNETES_ID,
  WASM_MODULE_API_VERSION,
  WASM_MODULE_KIND,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { keepIdentity } from './keepIdentity';
import { unmaskEnv } from './maskEnv';

/**
 * The new module of an entity, which is written on it whatever was sent.
 *
 * @internal
 */
export function composeNew(entity: Entity, wanted: WasmModule): WasmModule {
  const { name, namespace, labels, annotations } = wanted.metadata;
  const { annotations: ofEntity, name: entityName } = entity.metadata;
  return {
    apiVersion: WASM_MODULE_API_VERSION,
    kind: WASM_MODULE_KIND,
    metadata: {
      name,
      namespace:
        namespace ?? ofEntity?.[ANNOTATION_KUBERNETES_NAMESPACE] ?? 'default',
      labels: {
        ...labels,
        [LABEL_KUBERNETES_ID]:
          ofEntity?.[ANNOTATION_KUBERNETES_ID] ?? entityName,
      },
      annotations: {
        ...annotations,
        [ANNOTATION_ENTITY_REF]: stringifyEntityRef(entity),
      },
    },
    spec: { ...wanted.spec, env: unmaskEnv(wanted.spec.env, undefined) },
  };
}

/**
 * What takes the place of a module: the same one, of the same owner, with
 * masked values as they were.
 *
 * @internal
 */
export function composeReplacement(
  wanted: WasmModule,
  current: WasmModule,
): WasmModule {
  const { managedFields, ...kept } = current.metadata;
  return {
    apiVersion: WASM_MODULE_API_VERSION,
    kind: WASM_MODULE_KIND,
    metadata: {
      ...kept,
      ...keepIdentity(wanted.metadata, current.metadata),
      resourceVersion: wanted.metadata.resourceVersion,
    },
    spec: {
      ...wanted.spec,
      env: unmaskEnv(wanted.spec.env, current.spec.env),
    },
  };
}
