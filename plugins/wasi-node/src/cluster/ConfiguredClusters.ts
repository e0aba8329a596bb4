import {
  WasiError,
  type ClusterIdentity,
  type ClusterProblem,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { DefaultWasmModuleClient } from './DefaultWasmModuleClient';
import { KubernetesConnection } from './KubernetesConnection';
import type { LocatedCluster } from './locateClusters';
import type { Clusters, WasmModuleClient } from './types';

const REQUEST_TIMEOUT_MS = 15_000;

/** Clients of the clusters that were located. @internal */
export class ConfiguredClusters implements Clusters {
  readonly #clusters: LocatedCluster[];
  readonly #clients = new Map<string, WasmModuleClient>();

  constructor(clusters: LocatedCluster[]) {
    this.#clusters = clusters;
    for (const cluster of clusters) {
      if ('loadKubeConfig' in cluster) {
        this.#clients.set(
          cluster.name,
          new DefaultWasmModuleClient(
            new KubernetesConnection({
              cluster: cluster.name,
              loadKubeConfig: cluster.loadKubeConfig,
              timeoutMs: REQUEST_TIMEOUT_MS,
            }),
          ),
        );
      }
    }
  }

  names() {
    return this.#clusters.map(cluster => ({
      name: cluster.name,
      title: cluster.title,
      problem: 'problem' in cluster ? cluster.problem : undefined,
    }));
  }

  client(name?: string): WasmModuleClient {
    const cluster = chooseCluster(this.#clusters, name);
    if ('problem' in cluster) {
      throw problemError(cluster.problem);
    }
    return this.#clients.get(cluster.name)!;
  }

  identity(): ClusterIdentity {
    return { kind: 'service-account' };
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
