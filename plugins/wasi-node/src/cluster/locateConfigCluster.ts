import type { Config } from '@backstage/config';
import { KubeConfig } from '@kubernetes/client-node';
import { unusable, type LocatedCluster } from './LocatedCluster';
import { loadOwnKubeConfig, runsInCluster } from './locateOwnCluster';

const PROVIDER = 'kubernetes.io/auth-provider';
const TOKEN_PROVIDER = 'kubernetes.io/oidc-token-provider';

/**
 * A cluster of a locator of type `config`.
 *
 * @param current - The entry as it is now: what comes from files and the
 * environment may be replaced while the backend runs.
 * @internal
 */
export function locateConfigCluster(
  current: () => Config,
  options: { defaultName: string },
): LocatedCluster {
  const entry = current();
  const name = entry.getOptionalString('name') ?? options.defaultName;
  try {
    const title = entry.getOptionalString('title');
    const metadata =
      entry.getOptional<Record<string, string>>('authMetadata') ?? {};
    const provider =
      metadata[PROVIDER] ?? entry.getOptionalString('authProvider');
    const direct = (token: () => string | undefined) =>
      usable({
        name,
        title,
        server: () => readServer(current()),
        user: () => ({ token: token() }),
      });
    // Those that are told wrongly are told at once.
    readServer(entry);
    switch (provider) {
      case undefined:
        return unusable(
          { name, title },
          `Cluster "${name}" has no auth provider.`,
          'Set `authProvider` of the cluster, e.g. `serviceAccount`.',
        );
      case 'localKubectlProxy':
        return direct(() => undefined);
      case 'serviceAccount':
        if (entry.getOptionalString('serviceAccountToken')) {
          return direct(() =>
            current().getOptionalString('serviceAccountToken'),
          );
        }
        return runsInCluster()
          ? // As the Kubernetes plugin has it, whatever `url` is.
            { name, title, loadKubeConfig: loadOwnKubeConfig }
          : unusable(
              { name, title },
              `Cluster "${name}" has no \`serviceAccountToken\`, and the backend does not run in a cluster.`,
              'Set `serviceAccountToken` of the cluster.',
            );
      case 'aks':
      case 'google':
        return withUserTokens(
          direct(() => undefined),
          provider,
        );
      case 'oidc': {
        const tokenProvider =
          metadata[TOKEN_PROVIDER] ??
          entry.getOptionalString('oidcTokenProvider');
        return tokenProvider
          ? withUserTokens(
              direct(() => undefined),
              `oidc.${tokenProvider}`,
            )
          : unusable(
              { name, title },
              `Cluster "${name}" has the auth provider "oidc", and does not say whose tokens it takes.`,
              'Set `oidcTokenProvider` of the cluster.',
            );
      }
      default:
        // Of a cloud, or one that another module adds: the plugin knows how.
        return { name, title, proxied: true };
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

interface Server {
  server: string;
  skipTLSVerify?: boolean;
  caData?: string;
  caFile?: string;
}

/** A cluster at an address. @internal */
export function usable(options: {
  name: string;
  title?: string;
  server: () => Server;
  user: () => { token?: string };
}): LocatedCluster {
  const { name, title } = options;
  const { server, skipTLSVerify } = options.server();
  if (isPlain(server) && !skipTLSVerify && !isLoopback(server)) {
    return unusable(
      { name, title },
      `Cluster "${name}" has an http address, so credentials would travel in the clear.`,
      'Use its https address, or set `skipTLSVerify: true` where that is meant.',
    );
  }
  return {
    name,
    title,
    loadKubeConfig: () => {
      const now = options.server();
      const kubeConfig = new KubeConfig();
      kubeConfig.loadFromClusterAndUser(
        {
          name,
          ...now,
          // client-node speaks plain HTTP only where nothing is to be verified.
          skipTLSVerify: isPlain(now.server) || (now.skipTLSVerify ?? false),
        },
        { name, ...options.user() },
      );
      return kubeConfig;
    },
  };
}

function readServer(entry: Config): Server {
  return {
    server: entry.getString('url'),
    skipTLSVerify: entry.getOptionalBoolean('skipTLSVerify'),
    caData: entry.getOptionalString('caData'),
    caFile: entry.getOptionalString('caFile'),
  };
}

function withUserTokens(
  cluster: LocatedCluster,
  userTokens: string,
): LocatedCluster {
  return 'problem' in cluster ? cluster : { ...cluster, userTokens };
}

function isPlain(server: string): boolean {
  return new URL(server).protocol === 'http:';
}

function isLoopback(server: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(server).hostname);
}
