import type { Config } from '@backstage/config';
import type { WasiConfig } from '../config';
import { ConfiguredClusters } from './ConfiguredClusters';
import { locateClusters } from './locateClusters';
import type { Clusters } from './types';

/**
 * Creates the clusters of the portal from its configuration.
 *
 * A cluster that cannot be used is listed with its problem and hides no other.
 *
 * @public
 */
export function createClusters(
  config: Config,
  wasiConfig: WasiConfig,
): Clusters {
  return new ConfiguredClusters(
    locateClusters(config, wasiConfig),
    wasiConfig.identity,
  );
}
