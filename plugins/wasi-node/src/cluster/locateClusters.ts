import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '@backstage/config';
import { KubeConfig } from '@kubernetes/client-node';
import {
  WasiError,
  type ClusterProblem,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../config';
import { toClusterProblem } from './toClusterProblem';

const OWN_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const ownTokenFile = {
  authProvider: { name: 'tokenFile', config: { tokenFile: OWN_TOKEN } },
};

/** A cluster of the configuration: how to reach it, or why it cannot be used. @internal */
export type LocatedCluster = { name: string; title?: string } & (
  | { loadKubeConfig: () => KubeConfig }
  | { problem: ClusterProblem }
);

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
  const methods = config.getOptionalConfigArray(
    'kubernetes.clusterLocatorMethods',
  );
  if (methods) {
    return withUniqueNames(methods.flatMap(locateByMethod));
  }
  if (wasiConfig.kubeconfig !== undefined) {
    return [locateByKubeconfig(wasiConfig.kubeconfig)];
  }
  return runsInCluster() ? [locateOwnCluster()] : [];
}

function locateByMethod(method: Config, index: number): LocatedCluster[] {
  const type = method.getOptionalString('type');
  switch (type) {
    case 'config':
      return method.getConfigArray('clusters').map(locateByConfig);
    case 'localKubectlProxy':
      // As the Kubernetes plugin has it.
      return [
        usable({ name: 'local' }, { server: 'http://localhost:8001' }, {}),
      ];
    default:
      return [
        unusable(
          { name: `clusterLocatorMethods[${index}]` },
          `Clusters located by "${type}" are not supported here yet.`,
          'List the cluster under a locator of type `config`.',
        ),
      ];
  }
}

function locateByConfig(cluster: Config, index: number): LocatedCluster {
  const name = cluster.getOptionalString('name') ?? `clusters[${index}]`;
  try {
    const title = cluster.getOptionalString('title');
    const provider =
      cluster.getOptionalString('authProvider') ??
      cluster.getOptional<Record<string, string>>('authMetadata')?.[
        'kubernetes.io/auth-provider'
      ];
    const server = {
      server: cluster.getString('url'),
      skipTLSVerify: cluster.getOptionalBoolean('skipTLSVerify'),
      caData: cluster.getOptionalString('caData'),
      caFile: cluster.getOptionalString('caFile'),
    };
    switch (provider) {
      case 'localKubectlProxy':
        return usable({ name, title }, server, {});
      case 'serviceAccount': {
        const token = cluster.getOptionalString('serviceAccountToken');
        if (token) {
          return usable({ name, title }, server, { token });
        }
        return runsInCluster()
          ? usable({ name, title }, server, ownTokenFile)
          : unusable(
              { name, title },
              `Cluster "${name}" has no \`serviceAccountToken\`, and the backend does not run in a cluster.`,
              'Set `serviceAccountToken` of the cluster.',
            );
      }
      default:
        return unusable(
          { name, title },
          `Cluster "${name}" uses the auth provider "${provider}", which is not supported here yet.`,
          'Use `authProvider: serviceAccount` with a token of least rights.',
        );
    }
  } catch (error) {
    // A wrong entry of the configuration must not hide the other clusters.
    return unusable(
      { name },
      `The configuration of cluster "${name}" cannot be read: ${
        (error as Error).message
      }`,
      'Correct the entry in `kubernetes.clusterLocatorMethods`.',
    );
  }
}

function locateByKubeconfig(path: string): LocatedCluster {
  let kubeConfig: KubeConfig;
  try {
    kubeConfig = loadKubeconfig(path);
  } catch (error) {
    const { code } = error as { code?: string };
    return unusable(
      { name: 'kubeconfig' },
      `The kubeconfig that \`wasi.kubeconfig\` names cannot be read${
        code ? ` (${code})` : ''
      }.`,
      'Check the path and that the file is a kubeconfig.',
    );
  }
  const name = kubeConfig.getCurrentContext();
  if (!name || !kubeConfig.getCurrentCluster()) {
    return unusable(
      { name: name || 'kubeconfig' },
      'The kubeconfig that `wasi.kubeconfig` names has no current context with a cluster.',
      'Set it with `kubectl config use-context`.',
    );
  }
  return { name, loadKubeConfig: () => loadKubeconfig(path) };
}

// client-node knows the file of a token by another key than kubectl, and takes
// it as relative to the working directory.
const TOKEN_FILE =
  /^(\s*(?:- )?["']?)tokenFile(["']?\s*:\s*)["']?([^"'\n,}]+)["']?/gm;

function loadKubeconfig(path: string): KubeConfig {
  const kubeConfig = new KubeConfig();
  const directory = dirname(path);
  kubeConfig.loadFromString(
    readFileSync(path, 'utf8').replace(
      TOKEN_FILE,
      (_, before, between, file) =>
        `${before}token-file${between}${JSON.stringify(
          resolve(directory, file.trim()),
        )}`,
    ),
  );
  kubeConfig.makePathsAbsolute(directory);
  return kubeConfig;
}

function locateOwnCluster(): LocatedCluster {
  return {
    name: 'in-cluster',
    loadKubeConfig: () => {
      const kubeConfig = new KubeConfig();
      kubeConfig.loadFromCluster();
      return kubeConfig;
    },
  };
}

function runsInCluster(): boolean {
  return Boolean(process.env.KUBERNETES_SERVICE_HOST) && existsSync(OWN_TOKEN);
}

function usable(
  cluster: { name: string; title?: string },
  server: {
    server: string;
    skipTLSVerify?: boolean;
    caData?: string;
    caFile?: string;
  },
  user: { token?: string } | typeof ownTokenFile,
): LocatedCluster {
  const { name } = cluster;
  const { protocol, hostname } = new URL(server.server);
  const plain = protocol === 'http:';
  if (plain && !server.skipTLSVerify && !isLoopback(hostname)) {
    return unusable(
      cluster,
      `Cluster "${name}" has an http address, so credentials would travel in the clear.`,
      'Use its https address, or set `skipTLSVerify: true` where that is meant.',
    );
  }
  return {
    ...cluster,
    loadKubeConfig: () => {
      const kubeConfig = new KubeConfig();
      kubeConfig.loadFromClusterAndUser(
        {
          name,
          ...server,
          // client-node speaks plain HTTP only where nothing is to be verified.
          skipTLSVerify: plain || (server.skipTLSVerify ?? false),
        },
        { name, ...user },
      );
      return kubeConfig;
    },
  };
}

function isLoopback(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function unusable(
  cluster: { name: string; title?: string },
  message: string,
  remedy: string,
): LocatedCluster {
  return {
    ...cluster,
    problem: toClusterProblem(
      cluster.name,
      new WasiError('CLUSTER_NOT_CONFIGURED', { message, remedy }),
    ),
  };
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
