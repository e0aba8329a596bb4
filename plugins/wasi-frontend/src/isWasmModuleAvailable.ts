import type { Entity } from '@backstage/catalog-model';
import {
  ANNOTATION_AUTO_DEPLOY,
  ANNOTATION_FUNC_YAML,
  ANNOTATION_KUBERNETES_ID,
  ANNOTATION_KUBERNETES_LABEL_SELECTOR,
  ANNOTATION_MODULE,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** `spec.type` of components that are WebAssembly functions. */
export const WASM_COMPONENT_TYPES = ['wasm-function', 'wasi-function'];

const OWN_ANNOTATIONS = [
  ANNOTATION_MODULE,
  ANNOTATION_FUNC_YAML,
  ANNOTATION_AUTO_DEPLOY,
];
const SELECTOR_ANNOTATIONS = [
  ANNOTATION_KUBERNETES_ID,
  ANNOTATION_KUBERNETES_LABEL_SELECTOR,
];

/**
 * Tells whether tab and card have something to say about an entity, for the
 * conditions of the old frontend system.
 *
 * @public
 */
export function isWasmModuleAvailable(entity: Entity): boolean {
  const annotations = entity.metadata.annotations ?? {};
  const type = entity.spec?.type;
  return (
    OWN_ANNOTATIONS.some(name => name in annotations) ||
    (typeof type === 'string' &&
      WASM_COMPONENT_TYPES.includes(type.toLocaleLowerCase('en-US')) &&
      SELECTOR_ANNOTATIONS.some(name => name in annotations))
  );
}
