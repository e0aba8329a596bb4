import { spawnSync } from 'node:child_process';
import {
  ApiException,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { expect } from '@playwright/test';
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
    await openModules().patchNamespacedCustomObject(
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
  metadata: { name: string; annotations?: Record<string, string> };
  [field: string]: unknown;
}): Promise<void> {
  await openModules().createNamespacedCustomObject({
    ...MODULES,
    namespace: 'default',
    body: module,
  });
}

/** Deletes a module past the portal, and waits until it is gone. */
export async function deleteModule(name: string): Promise<void> {
  await openModules().deleteNamespacedCustomObject({
    ...MODULES,
    namespace: 'default',
    name,
  });
  await expect.poll(() => findModule(name)).toBeUndefined();
}

/** Makes a namespace that modules can be deployed to. */
export async function createNamespace(name: string): Promise<void> {
  await readKubeconfig()
    .makeApiClient(CoreV1Api)
    .createNamespace({ body: { metadata: { name } } });
}

/** A module as the cluster has it. */
export async function findModule(
  name: string,
  namespace = 'default',
): Promise<
  | {
      metadata: { generation: number };
      spec: { image: string; env?: { name: string; value?: string }[] };
    }
  | undefined
> {
  try {
    return await openModules().getNamespacedCustomObject({
      ...MODULES,
      namespace,
      name,
    });
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) {
      return undefined;
    }
    throw error;
  }
}

function openModules(): CustomObjectsApi {
  return readKubeconfig().makeApiClient(CustomObjectsApi);
}

function readKubeconfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(readPlatform().kubernetes.kubeconfig);
  return config;
}
