import { spawnSync } from 'node:child_process';
import {
  CustomObjectsApi,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { readPlatform } from './portal';

const MODULES = {
  group: 'wasm.serving.knative.dev',
  version: 'v1alpha1',
  plural: 'wasmmodules',
};

/** Changes a module behind the portal's back: with kubectl, or client-node where there is none. */
export async function patchModule(
  name: string,
  patch: object,
  namespace = 'default',
): Promise<'kubectl' | 'client-node'> {
  const { kubeconfig } = readPlatform().kubernetes;
  const result = spawnSync(
    'kubectl',
    [
      `--kubeconfig=${kubeconfig}`,
      `--namespace=${namespace}`,
      'patch',
      'wasmmodule',
      name,
      '--type=merge',
      `--patch=${JSON.stringify(patch)}`,
    ],
    { encoding: 'utf8' },
  );
  if (result.error) {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    await config
      .makeApiClient(CustomObjectsApi)
      .patchNamespacedCustomObject(
        { ...MODULES, namespace, name, body: patch },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      );
    return 'client-node';
  }
  if (result.status !== 0) {
    throw new Error(`kubectl patch failed: ${result.stderr}`);
  }
  return 'kubectl';
}

/** Applies a module as its author would, past the portal. */
export async function createModule(module: {
  metadata: { name: string };
  [field: string]: unknown;
}): Promise<void> {
  const config = new KubeConfig();
  config.loadFromFile(readPlatform().kubernetes.kubeconfig);
  await config.makeApiClient(CustomObjectsApi).createNamespacedCustomObject({
    ...MODULES,
    namespace: 'default',
    body: module,
  });
}
