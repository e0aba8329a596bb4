import {
  kubeApiserverAssets,
  type KubernetesTarget,
} from '@wasi-functions/local-platform/testing';

export { kubeApiserverAssets as assets };

/** The real kube-apiserver that all files share; each test has a namespace of its own there. */
export async function startKubeApiserverTarget(): Promise<KubernetesTarget> {
  return {
    ...JSON.parse(process.env.WASI_SHARED_APISERVER!),
    // It goes on for the others.
    close: async () => {},
  };
}
