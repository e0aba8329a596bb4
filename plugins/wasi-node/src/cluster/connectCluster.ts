import type { Config } from '@backstage/config';
import type { KubeConfig } from '@kubernetes/client-node';
import type { WasiConfig } from '../config';
import { chooseCluster } from './ConfiguredClusters';
import { KubeConfigAccess } from './KubeConfigAccess';
import { KubernetesConnection } from './KubernetesConnection';
import { locateClusters } from './locateClusters';
import { requireDirect } from './LocatedCluster';

const REQUEST_TIMEOUT_MS = 15_000;

/**
 * A cluster of the portal for what is no WasmModule.
 *
 * @param options - `name`: may be left out where there is one cluster.
 * @throws `WasiError` CLUSTER_NOT_CONFIGURED, CLUSTER_UNKNOWN
 * @internal
 */
export function connectCluster(options: {
  rootConfig: Config;
  config: WasiConfig;
  name?: string;
}): { connection: KubernetesConnection; loadKubeConfig: () => KubeConfig } {
  const cluster = chooseCluster(
    locateClusters(options.rootConfig, options.config),
    options.name,
  );
  const { name, loadKubeConfig } = requireDirect(cluster);
  return {
    loadKubeConfig,
    connection: new KubernetesConnection({
      cluster: name,
      access: new KubeConfigAccess({ cluster: name, loadKubeConfig }),
      timeoutMs: REQUEST_TIMEOUT_MS,
    }),
  };
}
