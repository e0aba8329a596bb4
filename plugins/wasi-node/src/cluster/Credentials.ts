import type { KubeConfig } from '@kubernetes/client-node';

const RENEW_EVERY_MS = 5_000;

/**
 * How to reach a cluster and prove who we are, read anew once the cluster no
 * longer takes it: client-node keeps tokens of files for a minute, those of
 * plugins for as long as they claim to last, and a kubeconfig for ever.
 *
 * @internal
 */
export class Credentials {
  readonly #load: () => KubeConfig;
  #current: KubeConfig | undefined;
  #renewedAt = -Infinity;

  constructor(load: () => KubeConfig) {
    this.#load = load;
    try {
      this.#current = load();
    } catch {
      // The first call says why, so that a cluster that is told wrongly fails alone.
    }
  }

  get current(): KubeConfig {
    this.#current ??= this.#load();
    return this.#current;
  }

  /** Tells whether there is something newer than what the cluster did not take. */
  renew(refused: KubeConfig): boolean {
    if (refused !== this.#current) {
      return true;
    }
    // Wrong credentials must not start a credential plugin with each request.
    if (performance.now() - this.#renewedAt < RENEW_EVERY_MS) {
      return false;
    }
    this.#renewedAt = performance.now();
    try {
      this.#current = this.#load();
      return true;
    } catch {
      // Being written or gone: that the cluster refuses the old one is what counts.
      return false;
    }
  }
}
