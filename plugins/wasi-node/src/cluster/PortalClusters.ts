import { setTimeout as delay } from 'node:timers/promises';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { openKubernetesPlugin, type ClusterPortal } from './ClusterPortal';
import type { ProxiedCluster } from './LocatedCluster';

const EVERY_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const TIMEOUT_MS = 15_000;

const answerSchema = z.object({
  items: z.array(
    z.object({
      name: z.string().min(1),
      title: z.string().optional(),
      authProvider: z.string().optional(),
      oidcTokenProvider: z.string().optional(),
    }),
  ),
});

/**
 * The clusters that the portal's Kubernetes plugin names: also those that it finds
 * in the catalog or in a cloud, and those of its own extensions.
 *
 * What it named last stays while it cannot be asked.
 *
 * @internal
 */
export class PortalClusters {
  readonly #portal: ClusterPortal;
  readonly #everyMs: number;
  readonly #stopped = new AbortController();
  #clusters: ProxiedCluster[] | undefined;
  #error: WasiError | undefined;

  constructor(portal: ClusterPortal, options: { everyMs?: number } = {}) {
    this.#portal = portal;
    this.#everyMs = options.everyMs ?? EVERY_MS;
  }

  /** Undefined until the plugin has answered. */
  get clusters(): ProxiedCluster[] | undefined {
    return this.#clusters;
  }

  /** Why the plugin could not be asked last time. */
  get error(): WasiError | undefined {
    return this.#error;
  }

  /**
   * Asks again and again until the backend stops; nothing waits for it.
   *
   * @param options - `needed`: whether a cluster of the configuration takes it.
   */
  start(options: { needed: boolean; onChange: () => void }): void {
    this.#portal.lifecycle.addShutdownHook(() => this.#stopped.abort());
    void this.#follow(options);
  }

  async #follow(options: {
    needed: boolean;
    onChange: () => void;
  }): Promise<void> {
    const { signal } = this.#stopped;
    const { logger } = this.#portal;
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      const before = JSON.stringify([this.#clusters, this.#error?.message]);
      try {
        this.#clusters = await this.#ask(signal);
        this.#error = undefined;
      } catch (error) {
        this.#error = toPluginError(error);
      }
      if (signal.aborted) {
        return;
      }
      if (JSON.stringify([this.#clusters, this.#error?.message]) !== before) {
        const { message } = this.#error ?? {};
        if (message === undefined) {
          const names = this.#clusters!.map(({ name }) => name).join(', ');
          logger.info(`Clusters of the Kubernetes plugin: ${names || 'none'}`);
        } else if (options.needed) {
          logger.warn(message);
        } else {
          logger.debug(message);
        }
        options.onChange();
      }
      const waitMs = this.#error
        ? Math.min(retryMs, this.#everyMs)
        : this.#everyMs;
      retryMs = this.#error ? retryMs * 2 : FIRST_RETRY_MS;
      // Its end is no failure; and the process need not live for it.
      await delay(waitMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async #ask(signal: AbortSignal): Promise<ProxiedCluster[]> {
    const { baseUrl, authorization } = await openKubernetesPlugin(this.#portal);
    const response = await fetch(`${baseUrl}/clusters`, {
      headers: { authorization, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new WasiError('CLUSTER_NOT_CONFIGURED', {
        message:
          response.status === 404
            ? 'The Kubernetes plugin of the portal is not installed.'
            : `The Kubernetes plugin of the portal does not tell its clusters: it answered ${response.status}.`,
        remedy:
          'Install and configure the Kubernetes plugin of the portal, and look into its log.',
      });
    }
    const { items } = answerSchema.parse(await response.json());
    return items.map(({ name, title, authProvider, oidcTokenProvider }) => ({
      name,
      title,
      proxied: true,
      ...(authProvider === 'oidc' && {
        userTokens: `oidc.${oidcTokenProvider}`,
      }),
      ...((authProvider === 'google' || authProvider === 'aks') && {
        userTokens: authProvider,
      }),
    }));
  }
}

function toPluginError(error: unknown): WasiError {
  return error instanceof WasiError
    ? error
    : new WasiError('CLUSTER_UNREACHABLE', {
        message: 'The Kubernetes plugin of the portal cannot be asked.',
        remedy: 'Check that it is installed and has started.',
      });
}
