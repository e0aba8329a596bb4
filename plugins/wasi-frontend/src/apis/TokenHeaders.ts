import {
  CLUSTER_TOKENS_HEADER,
  formatClusterTokens,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ClusterTokens } from './ClusterTokens';

const MODULE =
  /^\/entities\/[^/]+\/[^/]+\/[^/]+\/modules(?:\/([^/?]+)|\?cluster=([^&]+))/;
const DEPLOYMENT = /^\/entities\/[^/]+\/[^/]+\/[^/]+\/deployments\/([^/?]+)/;
const MAX_DEPLOYMENTS = 1_000;

/**
 * The header with the user's own token for requests about a cluster that takes no
 * other. Each request brings the token of the one cluster that it is about.
 */
export class TokenHeaders {
  #tokens?: ClusterTokens;
  readonly #providers = new Map<string, string>();
  /** Clusters of deployments, by id. */
  readonly #deployments = new Map<string, string>();
  readonly #refused = new Map<
    string,
    { provider: string; token: string; error: WasiError }
  >();

  takeFrom(tokens: ClusterTokens): void {
    this.#tokens = tokens;
  }

  learnCluster(cluster: string, provider: string): void {
    this.#providers.set(cluster, provider);
  }

  learnDeployment(id: string, cluster: string): void {
    this.#deployments.set(id, cluster);
    if (this.#deployments.size > MAX_DEPLOYMENTS) {
      this.#deployments.delete(this.#deployments.keys().next().value!);
    }
  }

  /** Headers for a path of the backend; none where no token is at hand. */
  async of(path: string): Promise<Record<string, string>> {
    const cluster = this.#clusterOf(path);
    const token = cluster && (await this.#tokenFor(cluster));
    return token
      ? { [CLUSTER_TOKENS_HEADER]: formatClusterTokens({ [cluster]: token }) }
      : {};
  }

  /** Fails where the cluster takes only users' tokens, and none is at hand that it takes. */
  async require(cluster: string): Promise<void> {
    const provider = this.#providers.get(cluster);
    if (provider === undefined || (await this.#tokenFor(cluster))) {
      return;
    }
    throw (
      this.#refused.get(cluster)?.error ??
      new WasiError('CLUSTER_TOKEN_MISSING', {
        message: `Cluster "${cluster}" shows its modules only to users with a token of ${provider}.`,
        remedy: `Sign in to ${provider} to see them.`,
      })
    );
  }

  /** Asks the user for a token that the cluster takes. */
  async signIn(cluster: string): Promise<void> {
    const provider = this.#providers.get(cluster);
    if (!this.#tokens || provider === undefined) {
      throw new WasiError('CLUSTER_TOKEN_MISSING', {
        message: `Cluster "${cluster}" asks for no token of the user.`,
        remedy: 'Load the page again.',
      });
    }
    await this.#tokens.signIn(provider);
    // Whoever signs in again wants it tried again.
    for (const [name, { provider: other }] of [...this.#refused]) {
      if (other === provider) {
        this.#refused.delete(name);
      }
    }
  }

  /** The token at hand is not sent to this cluster again. */
  async refuse(cluster: string, error: WasiError): Promise<void> {
    const provider = this.#providers.get(cluster);
    const token = await this.#tokenFor(cluster);
    if (provider !== undefined && token) {
      this.#refused.set(cluster, { provider, token, error });
    }
  }

  async #tokenFor(cluster: string): Promise<string | undefined> {
    const provider = this.#providers.get(cluster);
    const token =
      provider === undefined ? undefined : await this.#tokens?.get(provider);
    const refused = this.#refused.get(cluster);
    if (refused && token && refused.token !== token) {
      this.#refused.delete(cluster);
    }
    return refused?.token === token ? undefined : token;
  }

  #clusterOf(path: string): string | undefined {
    const [, ofModule, ofList] = MODULE.exec(path) ?? [];
    const [, deployment] = DEPLOYMENT.exec(path) ?? [];
    const name = ofModule ?? ofList;
    return name === undefined
      ? deployment && this.#deployments.get(decodeURIComponent(deployment))
      : decodeURIComponent(name);
  }
}
