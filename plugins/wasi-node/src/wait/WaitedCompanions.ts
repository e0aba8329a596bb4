import type { HealthContext } from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CompanionResource,
  ModuleName,
  WasmModuleClient,
} from '../cluster';
import { ClusterCompanions } from '../cluster/ClusterCompanions';

const READ_MS = 5_000;

/**
 * What Knative and events tell of a module that is waited for, as the page knows
 * it, read when it is asked for.
 *
 * @internal
 */
export class WaitedCompanions {
  readonly #client: WasmModuleClient;
  readonly #ref: ModuleName;
  readonly #done: AbortSignal;
  readonly #kept: ClusterCompanions;

  constructor(options: {
    client: WasmModuleClient;
    ref: ModuleName;
    done: AbortSignal;
  }) {
    this.#client = options.client;
    this.#ref = options.ref;
    this.#done = options.done;
    this.#kept = new ClusterCompanions({
      cluster: options.client.cluster,
      isModule: () => true,
    });
  }

  async read(...resources: CompanionResource[]): Promise<void> {
    await Promise.all(resources.map(resource => this.#read(resource)));
  }

  of(uid: string | undefined): HealthContext {
    const { service, revisions, events } = this.#kept.of({ ...this.#ref, uid });
    return { service, revisions, events };
  }

  async #read(resource: CompanionResource): Promise<void> {
    try {
      const list = await this.#client.listCompanions(resource, {
        ...this.#ref,
        signal: AbortSignal.any([this.#done, AbortSignal.timeout(READ_MS)]),
      });
      this.#kept.apply(resource, { type: 'LISTED', list });
    } catch {
      // Conditions decide without them; an account may not be allowed to read
      // them, and not every cluster has them.
    }
  }
}
