import type { Entity } from '@backstage/catalog-model';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import { entityNameOf } from '../entityNameOf';

/** A module in the namespace `shop`. */
export function wasmModule(
  name: string,
  metadata: Partial<WasmModule['metadata']> = {},
): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: { name, namespace: 'shop', ...metadata },
    spec: { image: `localhost:5000/${name}@sha256:${'a'.repeat(64)}` },
  };
}

/** An entity that a user registered. */
export function component(
  name: string,
  annotations: Record<string, string>,
): Entity {
  const location = 'url:https://git.example.com/catalog-info.yaml';
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name,
      annotations: {
        'backstage.io/managed-by-location': location,
        'backstage.io/managed-by-origin-location': location,
        ...annotations,
      },
    },
    spec: { type: 'wasm-function', owner: 'team', lifecycle: 'production' },
  };
}

/** Entity ref of what is ingested of a module. */
export function ingested(name: string, cluster = 'prod'): string {
  return `component:default/${entityNameOf({
    cluster,
    namespace: 'shop',
    name,
  })}`;
}
