import type { FilterPredicate } from '@backstage/filter-predicates';
import { WASM_COMPONENT_TYPES } from '../isWasmModuleAvailable';

/**
 * Entities with something to show; says the same as `isWasmModuleAvailable`.
 *
 * The paths are spelled out: the type of a predicate takes no computed key.
 */
export const wasmEntityFilter: FilterPredicate = {
  $any: [
    {
      'metadata.annotations.wasm.serving.knative.dev/module': { $exists: true },
    },
    {
      'metadata.annotations.wasm.serving.knative.dev/func-yaml': {
        $exists: true,
      },
    },
    {
      'metadata.annotations.wasm.serving.knative.dev/auto-deploy': {
        $exists: true,
      },
    },
    {
      'spec.type': { $in: WASM_COMPONENT_TYPES },
      'metadata.annotations.backstage.io/kubernetes-id': { $exists: true },
    },
    {
      'spec.type': { $in: WASM_COMPONENT_TYPES },
      'metadata.annotations.backstage.io/kubernetes-label-selector': {
        $exists: true,
      },
    },
  ],
};
