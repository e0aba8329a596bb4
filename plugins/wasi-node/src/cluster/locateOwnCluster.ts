import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import type { DirectCluster } from './LocatedCluster';

const OWN_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** The cluster that the backend runs in, by the account of its pod. @internal */
export function locateOwnCluster(): DirectCluster {
  return {
    name: 'in-cluster',
    loadKubeConfig: loadOwnKubeConfig,
  };
}

/** @internal */
export function loadOwnKubeConfig(): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromCluster();
  return kubeConfig;
}

/** @internal */
export function runsInCluster(): boolean {
  return Boolean(process.env.KUBERNETES_SERVICE_HOST) && existsSync(OWN_TOKEN);
}
