import type { KubeConfig } from '@kubernetes/client-node';
import {
  WasiError,
  type ClusterProblem,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { toClusterProblem } from './toClusterProblem';

/**
 * A cluster that we reach ourselves.
 *
 * @internal
 */
export interface DirectCluster {
  name: string;
  title?: string;
  loadKubeConfig: () => KubeConfig;
  /** It takes only users' own tokens of this provider, e.g. `google` or `oidc.okta`. */
  userTokens?: string;
}

/**
 * A cluster that only the Kubernetes plugin of the portal can log in to.
 *
 * @internal
 */
export interface ProxiedCluster {
  name: string;
  title?: string;
  proxied: true;
  /** As with {@link DirectCluster}. */
  userTokens?: string;
}

/** A cluster of the configuration: how to reach it, or why it cannot be used. @internal */
export type LocatedCluster = DirectCluster | ProxiedCluster | UnusableCluster;

/** @internal */
export interface UnusableCluster {
  name: string;
  title?: string;
  problem: ClusterProblem;
  /** Stands for clusters that the Kubernetes plugin locates. */
  locatedElsewhere?: boolean;
}

/** @internal */
export function unusable(
  cluster: { name: string; title?: string },
  message: string,
  remedy: string,
): UnusableCluster {
  return {
    ...cluster,
    problem: toClusterProblem(
      cluster.name,
      new WasiError('CLUSTER_NOT_CONFIGURED', { message, remedy }),
    ),
  };
}

/** @internal */
export function problemError(problem: ClusterProblem): WasiError {
  return new WasiError(problem.code, {
    message: problem.message,
    remedy: problem.remedy,
  });
}

/**
 * The cluster for what takes more than requests by HTTP.
 *
 * @throws `WasiError` with the cluster's problem
 * @internal
 */
export function requireDirect(cluster: LocatedCluster): DirectCluster {
  if ('problem' in cluster) {
    throw problemError(cluster.problem);
  }
  if ('proxied' in cluster || cluster.userTokens) {
    throw new WasiError('CLUSTER_NOT_CONFIGURED', {
      message: `Cluster "${cluster.name}" has no account that the backend can use by itself, which this needs.`,
      remedy: 'Use a cluster with `authProvider: serviceAccount`.',
    });
  }
  return cluster;
}
