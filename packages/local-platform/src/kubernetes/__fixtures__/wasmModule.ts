import type { KubernetesObject } from '..';

export const MODULES =
  '/apis/wasm.serving.knative.dev/v1alpha1/namespaces/default/wasmmodules';

export const wasmModule = (
  name: string,
): KubernetesObject & { spec: { image: string } } => ({
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: { name, namespace: 'default' },
  spec: { image: 'example/one' },
});
