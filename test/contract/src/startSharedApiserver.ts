import {
  KubeApiserver,
  kubeApiserverAssets,
} from '@wasi-functions/local-platform/testing';

/** One server for all files: its start takes longer than most of them. */
export default async function startSharedApiserver(): Promise<void> {
  if (kubeApiserverAssets) {
    const shared = await KubeApiserver.start();
    const { server, caCertificate, adminToken, kubeconfig } = shared;
    process.env.WASI_SHARED_APISERVER = JSON.stringify({
      server,
      caCertificate,
      adminToken,
      kubeconfig,
    });
    (globalThis as { sharedApiserver?: KubeApiserver }).sharedApiserver =
      shared;
  }
}
