import type { FetchApi } from '@backstage/frontend-plugin-api';
import type { WasiApi } from './WasiApi';

/**
 * The client, loaded on its first call: every page of the portal loads the
 * plugin's entry, and few of them ask the backend for something.
 */
export class LazyWasiClient implements WasiApi {
  readonly #fetchApi: FetchApi;
  #client?: Promise<WasiApi>;

  readonly getInfo = this.#lazy('getInfo');
  readonly takeTokensFrom = this.#lazy('takeTokensFrom');
  readonly signIn = this.#lazy('signIn');
  readonly listModules = this.#lazy('listModules');
  readonly planChange = this.#lazy('planChange');
  readonly changeModule = this.#lazy('changeModule');
  readonly planDeletion = this.#lazy('planDeletion');
  readonly deleteModule = this.#lazy('deleteModule');
  readonly getArtifact = this.#lazy('getArtifact');
  readonly getLogs = this.#lazy('getLogs');
  readonly followLogs = this.#lazy('followLogs');
  readonly invoke = this.#lazy('invoke');
  readonly planRedeploy = this.#lazy('planRedeploy');
  readonly redeploy = this.#lazy('redeploy');
  readonly listDeployments = this.#lazy('listDeployments');
  readonly getDeployment = this.#lazy('getDeployment');
  readonly diffDeployments = this.#lazy('diffDeployments');
  readonly planRollback = this.#lazy('planRollback');
  readonly rollBack = this.#lazy('rollBack');
  readonly getSync = this.#lazy('getSync');
  readonly suspendSync = this.#lazy('suspendSync');
  readonly resumeSync = this.#lazy('resumeSync');
  readonly runSync = this.#lazy('runSync');

  constructor(options: { fetchApi: FetchApi }) {
    this.#fetchApi = options.fetchApi;
  }

  #lazy<Verb extends keyof WasiApi>(verb: Verb): WasiApi[Verb] {
    const call = async (...args: unknown[]) => {
      const client = await this.#load();
      return Reflect.apply(client[verb], client, args);
    };
    return call as WasiApi[Verb];
  }

  #load(): Promise<WasiApi> {
    this.#client ??= import('../entityChunk').then(
      ({ WasiClient }) => new WasiClient({ fetchApi: this.#fetchApi }),
      error => {
        // The next call tries again: a connection may be back by then.
        this.#client = undefined;
        throw error;
      },
    );
    return this.#client;
  }
}
