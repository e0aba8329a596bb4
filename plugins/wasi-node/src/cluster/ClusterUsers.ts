import type { KubeConfig } from '@kubernetes/client-node';
import type { ClusterIdentity } from '@wasi-functions/backstage-plugin-wasi-common';
import type { IdentityConfig } from '../config';
import { accountOf } from './accountOf';
import { DefaultWasmModuleClient } from './DefaultWasmModuleClient';
import { impersonate } from './impersonation';
import type { KubernetesConnection } from './KubernetesConnection';
import type { ClusterCaller, WasmModuleClient } from './types';

// A client holds a name and some headers; those of more users are made again.
const MAX_USERS = 500;

/**
 * Who calls a cluster: the portal's account, and its users where it acts as them.
 *
 * @internal
 */
export class ClusterUsers {
  readonly #connection: KubernetesConnection;
  readonly #loadKubeConfig: () => KubeConfig;
  readonly #impersonates: IdentityConfig | undefined;
  readonly #own: WasmModuleClient;
  /** Those used last are at the end. */
  readonly #clients = new Map<string, WasmModuleClient>();

  constructor(options: {
    connection: KubernetesConnection;
    loadKubeConfig: () => KubeConfig;
    identity?: IdentityConfig;
  }) {
    const { connection, identity } = options;
    this.#connection = connection;
    this.#loadKubeConfig = options.loadKubeConfig;
    const mode = identity?.clusters[connection.cluster] ?? identity?.mode;
    this.#impersonates = mode === 'impersonate' ? identity : undefined;
    this.#own = new DefaultWasmModuleClient(connection);
  }

  client(caller: ClusterCaller | undefined): WasmModuleClient {
    if (!caller || !this.#impersonates) {
      return this.#own;
    }
    const user = impersonate(caller, this.#impersonates);
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

  identity(caller: ClusterCaller | undefined): ClusterIdentity {
    return caller && this.#impersonates
      ? {
          kind: 'impersonation',
          name: impersonate(caller, this.#impersonates).user,
        }
      : {
          kind: 'service-account',
          name: accountOf(this.#loadKubeConfig()),
        };
  }
}
