import http from 'node:http';
import https, { type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { ClusterAccess, ClusterEndpoint } from './ClusterAccess';
import { Credentials } from './Credentials';

// Shorter than what proxies and load balancers grant a silent connection.
const IDLE_MS = 20_000;

interface KubeConfigEndpoint extends ClusterEndpoint {
  kubeConfig: KubeConfig;
}

/**
 * A cluster as a KubeConfig reaches it.
 *
 * client-node makes an agent for each request, so that each takes a connection;
 * here the requests of all users share those of the cluster.
 *
 * @internal
 */
export class KubeConfigAccess implements ClusterAccess<KubeConfigEndpoint> {
  readonly #cluster: string;
  readonly #credentials: Credentials;
  readonly #agents = {
    http: new http.Agent({ keepAlive: true, timeout: IDLE_MS }),
    https: new https.Agent({ keepAlive: true, timeout: IDLE_MS }),
  };

  constructor(options: { cluster: string; loadKubeConfig: () => KubeConfig }) {
    this.#cluster = options.cluster;
    this.#credentials = new Credentials(options.loadKubeConfig);
  }

  async endpoint(): Promise<KubeConfigEndpoint> {
    const kubeConfig = this.#credentials.current;
    const cluster = kubeConfig.getCurrentCluster();
    if (!cluster?.server) {
      throw new WasiError('CLUSTER_NOT_CONFIGURED', {
        message: `Cluster "${this.#cluster}" has no server address.`,
      });
    }
    const options: RequestOptions = { headers: {} };
    await kubeConfig.applyToHTTPSOptions(options);
    const { headers, ...rest } = options;
    return {
      kubeConfig,
      server: cluster.server,
      headers: withoutLineEnds(headers as Record<string, string>),
      options: rest,
      ...(!cluster.proxyUrl && {
        reuse: cluster.server.startsWith('http:')
          ? this.#agents.http
          : this.#agents.https,
      }),
    };
  }

  renew(refused: KubeConfigEndpoint): boolean {
    return this.#credentials.renew(refused.kubeConfig);
  }
}

// A file that holds a token mostly ends with a line feed, which no header may have.
function withoutLineEnds(
  headers: Record<string, string> = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.trim()]),
  );
}
