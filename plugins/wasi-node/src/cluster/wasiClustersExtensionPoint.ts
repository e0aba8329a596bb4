import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type { Clusters } from './types';

/** Lets a module of the `wasi` plugin say which clusters there are. @public */
export interface WasiClustersExtensionPoint {
  /** Takes the place of the clusters that the configuration names. */
  setClusters(clusters: Clusters): void;
}

/**
 * Where a module of the `wasi` plugin brings its own clusters.
 *
 * @public
 */
export const wasiClustersExtensionPoint =
  createExtensionPoint<WasiClustersExtensionPoint>({ id: 'wasi.clusters' });
