import type { Config } from '@backstage/config';
import type { WasiConfig } from '../config';
import { unusable, type LocatedCluster } from './LocatedCluster';
import { locateConfigCluster, usable } from './locateConfigCluster';
import { locateKubeconfig } from './locateKubeconfig';
import { locateOwnCluster, runsInCluster } from './locateOwnCluster';

const METHODS = 'kubernetes.clusterLocatorMethods';

/**
 * Finds the clusters of the portal: those of `kubernetes.clusterLocatorMethods`,
 * else that of `wasi.kubeconfig`, else the one the backend runs in, else none.
 *
 * @internal
 */
export function locateClusters(
  config: Config,
  wasiConfig: WasiConfig,
): LocatedCluster[] {
  const methods = config.getOptionalConfigArray(METHODS);
  if (methods) {
    return withUniqueNames(
      methods.flatMap((method, index) =>
        locateByMethod(method, {
          name: `clusterLocatorMethods[${index}]`,
          // Read anew each time, so that what was replaced in files is noticed.
          current: () => config.getConfigArray(METHODS)[index],
        }),
      ),
    );
  }
  if (wasiConfig.kubeconfig !== undefined) {
    return [locateKubeconfig(wasiConfig.kubeconfig)];
  }
  return runsInCluster() ? [locateOwnCluster()] : [];
}

function locateByMethod(
  method: Config,
  { name, current }: { name: string; current: () => Config },
): LocatedCluster[] {
  const type = method.getOptionalString('type');
  switch (type) {
    case 'config':
      return method.getConfigArray('clusters').map((_, index) =>
        locateConfigCluster(() => current().getConfigArray('clusters')[index], {
          defaultName: `clusters[${index}]`,
        }),
      );
    case 'localKubectlProxy':
      // As the Kubernetes plugin has it.
      return [
        usable({
          name: 'local',
          server: () => ({ server: 'http://localhost:8001' }),
          user: () => ({}),
        }),
      ];
    default:
      return [
        {
          ...unusable(
            { name },
            `Clusters located by "${type}" are known to the portal's Kubernetes plugin alone, which has not named them yet.`,
            'Install and configure the Kubernetes plugin of the portal, or list the clusters under a locator of type `config`.',
          ),
          locatedElsewhere: true,
        },
      ];
  }
}

function withUniqueNames(clusters: LocatedCluster[]): LocatedCluster[] {
  const seen = new Set<string>();
  return clusters.map((cluster, index) => {
    if (!seen.has(cluster.name)) {
      seen.add(cluster.name);
      return cluster;
    }
    return unusable(
      { name: `${cluster.name}#${index + 1}`, title: cluster.title },
      `Two clusters are named "${cluster.name}"; the first one is used.`,
      'Give each cluster a name of its own.',
    );
  });
}
