import type { Config } from '@backstage/config';
import type { WasiConfig } from '../config';
import type { ClusterPortal } from './ClusterPortal';
import { ConfiguredClusters } from './ConfiguredClusters';
import { locateClusters } from './locateClusters';
import { PortalClusters } from './PortalClusters';
import type { Clusters } from './types';

/**
 * Creates the clusters of the portal from its configuration.
 *
 * A cluster that cannot be used is listed with its problem and hides no other.
 *
 * @param portal - By which the Kubernetes plugin of the portal is asked for the
 * clusters that it alone knows; without it, they are problems.
 *
 * @public
 */
export function createClusters(
  config: Config,
  wasiConfig: WasiConfig,
  portal?: ClusterPortal,
): Clusters {
  return new ConfiguredClusters(locateClusters(config, wasiConfig), {
    identity: wasiConfig.identity,
    // Without this key there is no Kubernetes plugin either.
    access:
      portal && config.has('kubernetes')
        ? { portal, clusters: new PortalClusters(portal) }
        : undefined,
  });
}
