import http from 'node:http';
import https from 'node:https';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { ClusterAccess, ClusterEndpoint } from './ClusterAccess';
import { openKubernetesPlugin, type ClusterPortal } from './ClusterPortal';
import type { KubernetesAnswer } from './KubernetesConnection';
import { toUnreachableError } from './toUnreachableError';

const IDLE_MS = 20_000;

/** As Backstage answers, which Kubernetes never does. */
const refusalSchema = z.object({
  error: z.object({ name: z.string(), message: z.string().default('') }),
});

/**
 * A cluster as the proxy of the portal's Kubernetes plugin reaches it: the
 * plugin logs in there, with what it alone knows.
 *
 * The plugin takes us for the plugin `wasi`, whoever asked us: that they may has
 * been judged by our own permissions.
 *
 * @internal
 */
export class PluginProxyAccess implements ClusterAccess {
  readonly holdsHead = true;
  readonly #cluster: string;
  readonly #portal: ClusterPortal;
  readonly #agents = {
    http: new http.Agent({ keepAlive: true, timeout: IDLE_MS }),
    https: new https.Agent({ keepAlive: true, timeout: IDLE_MS }),
  };

  constructor(options: { cluster: string; portal: ClusterPortal }) {
    this.#cluster = options.cluster;
    this.#portal = options.portal;
  }

  async endpoint(): Promise<ClusterEndpoint> {
    // A new token for each request costs nothing: they are kept until they end.
    const { baseUrl, authorization } = await openKubernetesPlugin(this.#portal);
    return {
      server: `${baseUrl}/proxy`,
      headers: {
        authorization,
        'backstage-kubernetes-cluster': this.#cluster,
      },
      options: {},
      reuse: baseUrl.startsWith('http:')
        ? this.#agents.http
        : this.#agents.https,
    };
  }

  /** What the plugin logs in with it renews by itself. */
  renew(): boolean {
    return false;
  }

  refusal({ status, text }: KubernetesAnswer): WasiError | undefined {
    const error = readRefusal(text);
    if (status < 400 || !error) {
      return undefined;
    }
    switch (error.name) {
      case 'AuthenticationError':
      case 'NotAllowedError':
        return new WasiError('CLUSTER_UNAUTHENTICATED', {
          message: `The portal's Kubernetes plugin does not let the plugin wasi use cluster "${
            this.#cluster
          }".`,
          remedy: 'Allow the permission `kubernetes.proxy` to the plugin wasi.',
        });
      case 'NotFoundError':
        return new WasiError('CLUSTER_NOT_CONFIGURED', {
          message: `The portal's Kubernetes plugin does not know cluster "${
            this.#cluster
          }", or is not installed.`,
          remedy:
            'Install the Kubernetes plugin, and check that it lists the cluster.',
        });
      default:
        // Its text may hold addresses and what a cloud's login said.
        return toUnreachableError(
          { code: /\b(E[A-Z]{4,}|[A-Z]+_[A-Z_]+)\b/.exec(error.message)?.[1] },
          { cluster: this.#cluster, timedOut: false },
        );
    }
  }
}

function readRefusal(text: string) {
  try {
    return refusalSchema.safeParse(JSON.parse(text)).data?.error;
  } catch {
    // Whatever it is, it is not of Backstage.
    return undefined;
  }
}
