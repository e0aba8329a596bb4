import {
  WasiError,
  type ClusterIdentity,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { IdentityConfig } from '../config';
import { DefaultWasmModuleClient } from './DefaultWasmModuleClient';
import { impersonate, userName } from './impersonation';
import type { KubernetesConnection } from './KubernetesConnection';
import type { ClusterCaller, WasmModuleClient } from './types';

// A client holds a name and some headers; those of more users are made again.
const MAX_USERS = 500;

/**
 * Who calls a cluster: the portal's account, its users where it acts as them, or
 * its users by themselves.
 *
 * @internal
 */
export class ClusterUsers {
  readonly #connection: KubernetesConnection;
  readonly #account: () => string | undefined;
  readonly #impersonates: IdentityConfig | undefined;
  readonly #userTokens: string | undefined;
  readonly #proxied: boolean;
  readonly #own: WasmModuleClient;
  /** Those used last are at the end. */
  readonly #clients = new Map<string, WasmModuleClient>();

  constructor(options: {
    connection: KubernetesConnection;
    /** What the cluster calls the portal's account, where that is known. */
    account: () => string | undefined;
    identity?: IdentityConfig;
    /** Whose tokens it takes, where it takes no others. */
    userTokens?: string;
    proxied: boolean;
  }) {
    const { connection, identity } = options;
    this.#connection = connection;
    this.#account = options.account;
    const mode = identity?.clusters[connection.cluster] ?? identity?.mode;
    this.#impersonates = mode === 'impersonate' ? identity : undefined;
    this.#userTokens = options.userTokens;
    this.#proxied = options.proxied;
    this.#own = new DefaultWasmModuleClient(connection);
  }

  client(caller: ClusterCaller | undefined): WasmModuleClient {
    if (this.#userTokens) {
      return this.#byToken(this.#userTokens, caller);
    }
    return caller && this.#impersonates
      ? this.#impersonating(impersonate(caller, this.#impersonates))
      : this.#own;
  }

  identity(caller: ClusterCaller | undefined): ClusterIdentity {
    if (this.#userTokens) {
      return { kind: 'user-token' };
    }
    return caller && this.#impersonates
      ? {
          kind: 'impersonation',
          // Absent for one who gets no name; the calls say why.
          name: userName(caller, this.#impersonates),
        }
      : { kind: 'service-account', name: this.#account() };
  }

  #impersonating(user: ReturnType<typeof impersonate>): WasmModuleClient {
    const key = JSON.stringify(user.headers);
    const client =
      this.#clients.get(key) ??
      new DefaultWasmModuleClient(this.#connection.actAs(user));
    this.#clients.delete(key);
    this.#clients.set(key, client);
    if (this.#clients.size > MAX_USERS) {
      this.#clients.delete(this.#clients.keys().next().value!);
    }
    return client;
  }

  // Not kept: a token is dropped with the request that brought it.
  #byToken(
    provider: string,
    caller: ClusterCaller | undefined,
  ): WasmModuleClient {
    const { cluster } = this.#connection;
    const token = caller?.tokens?.[cluster];
    if (!caller || !token) {
      throw caller
        ? new WasiError('CLUSTER_TOKEN_MISSING', {
            message: `Cluster "${cluster}" takes only tokens of users, and ${caller.user} sent none of ${provider}.`,
            remedy: `Sign in to ${provider} in the portal, and try again.`,
          })
        : needsUsers(cluster, provider);
    }
    return new DefaultWasmModuleClient(
      this.#connection.actAs({
        user: caller.user,
        groups: [],
        tokenOf: provider,
        headers: this.#proxied
          ? {
              [`backstage-kubernetes-authorization-${provider.replace(
                '.',
                '-',
              )}`]: token,
            }
          : { authorization: `Bearer ${token}` },
      }),
    );
  }
}

/** Why nothing is done on a cluster but by its users. @internal */
export function needsUsers(cluster: string, provider: string): WasiError {
  return new WasiError('CLUSTER_TOKEN_MISSING', {
    message: `Cluster "${cluster}" takes only tokens of users (${provider}), so that its modules are not followed.`,
    remedy:
      'Give the portal an account there: a cluster entry with `authProvider: serviceAccount`.',
  });
}
