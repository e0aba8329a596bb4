import {
  WasiError,
  type ClusterIdentity,
  type ClusterProblem,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { IdentityConfig } from '../config';
import { ClusterUsers } from './ClusterUsers';
import { KubeConfigAccess } from './KubeConfigAccess';
import { KubernetesConnection } from './KubernetesConnection';
import type { LocatedCluster } from './locateClusters';
import type {
  ClusterCaller,
  ClusterInfo,
  Clusters,
  WasmModuleClient,
} from './types';

const REQUEST_TIMEOUT_MS = 15_000;

/** Clients of the clusters that were located. @internal */
export class ConfiguredClusters implements Clusters {
  readonly #clusters: LocatedCluster[];
  readonly #users = new Map<string, ClusterUsers>();

  constructor(clusters: LocatedCluster[], identity?: IdentityConfig) {
    this.#clusters = clusters;
    for (const cluster of clusters) {
      if ('loadKubeConfig' in cluster) {
        const { name, loadKubeConfig } = cluster;
        this.#users.set(
          name,
          new ClusterUsers({
            connection: new KubernetesConnection({
              cluster: name,
              access: new KubeConfigAccess({ cluster: name, loadKubeConfig }),
              timeoutMs: REQUEST_TIMEOUT_MS,
            }),
            loadKubeConfig,
            identity,
          }),
        );
      }
    }
  }

  names(): ClusterInfo[] {
    return this.#clusters.map(cluster => ({
      name: cluster.name,
      title: cluster.title,
      problem: 'problem' in cluster ? cluster.problem : undefined,
    }));
  }

  client(name?: string, caller?: ClusterCaller): WasmModuleClient {
    return this.#choose(name).client(caller);
  }

  identity(name: string, caller?: ClusterCaller): ClusterIdentity {
    return this.#choose(name).identity(caller);
  }

  #choose(name: string | undefined): ClusterUsers {
    const cluster = chooseCluster(this.#clusters, name);
    if ('problem' in cluster) {
      throw problemError(cluster.problem);
    }
    return this.#users.get(cluster.name)!;
  }
}

/** @internal */
export function chooseCluster<C extends { name: string }>(
  clusters: C[],
  name: string | undefined,
): C {
  if (clusters.length === 0) {
    throw new WasiError('CLUSTER_NOT_CONFIGURED', {
      message: 'No cluster is configured.',
    });
  }
  const known = clusters.map(cluster => cluster.name).join(', ');
  if (name === undefined) {
    if (clusters.length > 1) {
      throw new WasiError('CLUSTER_UNKNOWN', {
        message: `There are several clusters (${known}), and none was named.`,
        remedy: 'Name one of them.',
      });
    }
    return clusters[0];
  }
  const found = clusters.find(cluster => cluster.name === name);
  if (!found) {
    throw new WasiError('CLUSTER_UNKNOWN', {
      message: `There is no cluster "${name}"; there is: ${known}.`,
    });
  }
  return found;
}

/** @internal */
export function problemError(problem: ClusterProblem): WasiError {
  return new WasiError(problem.code, {
    message: problem.message,
    remedy: problem.remedy,
  });
}
