import {
  WasiError,
  type ClusterIdentity,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { IdentityConfig } from '../config';
import { accountOf } from './accountOf';
import type { ClusterPortal } from './ClusterPortal';
import { ClusterUsers, needsUsers } from './ClusterUsers';
import { KubeConfigAccess } from './KubeConfigAccess';
import { KubernetesConnection } from './KubernetesConnection';
import {
  problemError,
  unusable,
  type DirectCluster,
  type LocatedCluster,
  type ProxiedCluster,
} from './LocatedCluster';
import { PluginProxyAccess } from './PluginProxyAccess';
import type { PortalClusters } from './PortalClusters';
import { toClusterProblem } from './toClusterProblem';
import type {
  ClusterCaller,
  ClusterInfo,
  Clusters,
  WasmModuleClient,
} from './types';

const REQUEST_TIMEOUT_MS = 15_000;

/** Where clusters are that the portal's Kubernetes plugin reaches for us. @internal */
export interface PortalAccess {
  portal: ClusterPortal;
  clusters: PortalClusters;
}

/**
 * Clients of the clusters that were located, and of those that the Kubernetes
 * plugin of the portal names as time goes on.
 *
 * Nothing is asked of a cluster to know it, so that none holds up the others.
 *
 * @internal
 */
export class ConfiguredClusters implements Clusters {
  readonly #located: LocatedCluster[];
  readonly #identity: IdentityConfig | undefined;
  readonly #access: PortalAccess | undefined;
  readonly #listeners = new Set<() => void>();
  #all: LocatedCluster[] = [];
  #users = new Map<string, { cluster: string; users: ClusterUsers }>();

  constructor(
    located: LocatedCluster[],
    options: { identity?: IdentityConfig; access?: PortalAccess } = {},
  ) {
    this.#located = located;
    this.#identity = options.identity;
    this.#access = options.access;
    this.#update();
    this.#access?.clusters.start({
      needed: located.some(
        cluster => isElsewhere(cluster) || 'proxied' in cluster,
      ),
      onChange: () => {
        const before = JSON.stringify(this.names());
        this.#update();
        if (JSON.stringify(this.names()) !== before) {
          this.#listeners.forEach(listener => listener());
        }
      },
    });
  }

  names(): ClusterInfo[] {
    return this.#all.map(cluster => ({
      name: cluster.name,
      title: cluster.title,
      ...('problem' in cluster
        ? { problem: cluster.problem }
        : cluster.userTokens && {
            userTokens: cluster.userTokens,
            problem: toClusterProblem(
              cluster.name,
              needsUsers(cluster.name, cluster.userTokens),
            ),
          }),
    }));
  }

  client(name?: string, caller?: ClusterCaller): WasmModuleClient {
    return this.#choose(name).client(caller);
  }

  identity(name: string, caller?: ClusterCaller): ClusterIdentity {
    return this.#choose(name).identity(caller);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #choose(name: string | undefined): ClusterUsers {
    const cluster = chooseCluster(this.#all, name);
    if ('problem' in cluster) {
      throw problemError(cluster.problem);
    }
    return this.#users.get(cluster.name)!.users;
  }

  #update(): void {
    this.#all = this.#merge();
    const before = this.#users;
    this.#users = new Map();
    for (const located of this.#all) {
      if (!('problem' in located)) {
        const cluster = JSON.stringify(located);
        const present = before.get(located.name);
        this.#users.set(
          located.name,
          // Its connections and users stay with a cluster that is the same.
          present?.cluster === cluster
            ? present
            : { cluster, users: this.#usersOf(located) },
        );
      }
    }
  }

  #merge(): LocatedCluster[] {
    const { clusters, error } = this.#access?.clusters ?? {};
    const own = this.#located
      .filter(cluster => !clusters || !isElsewhere(cluster))
      .map(cluster => {
        if ('proxied' in cluster && !this.#access) {
          return unusable(
            cluster,
            `Cluster "${cluster.name}" is reached through the Kubernetes plugin of the portal only.`,
            'Use `authProvider: serviceAccount`, with a token of least rights.',
          );
        }
        return error && isElsewhere(cluster)
          ? { ...cluster, problem: toClusterProblem(cluster.name, error) }
          : cluster;
      });
    const known = new Set(own.map(({ name }) => name));
    return [...own, ...(clusters ?? []).filter(({ name }) => !known.has(name))];
  }

  #usersOf(cluster: DirectCluster | ProxiedCluster): ClusterUsers {
    const { name, userTokens } = cluster;
    const proxied = 'proxied' in cluster;
    return new ClusterUsers({
      connection: new KubernetesConnection({
        cluster: name,
        access: proxied
          ? new PluginProxyAccess({
              cluster: name,
              portal: this.#access!.portal,
            })
          : new KubeConfigAccess({
              cluster: name,
              loadKubeConfig: cluster.loadKubeConfig,
            }),
        timeoutMs: REQUEST_TIMEOUT_MS,
      }),
      account: () => (proxied ? undefined : accountOf(cluster.loadKubeConfig)),
      identity: this.#identity,
      userTokens,
      proxied,
    });
  }
}

function isElsewhere(cluster: LocatedCluster): boolean {
  return 'locatedElsewhere' in cluster && cluster.locatedElsewhere === true;
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
