import type {
  ModuleRef,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { BackOff } from './backOff';
import { ClusterCompanions } from './ClusterCompanions';
import { ClusterModules } from './ClusterModules';
import type { CompanionResource } from './companions';
import { followModules } from './followModules';
import { followResource } from './followResource';
import { lightModule } from './leanModule';
import type { WasmModuleClient } from './types';

const COMPANIONS: CompanionResource[] = ['services', 'revisions', 'events'];
// What is not installed or not allowed seldom changes.
const REFUSED_WAIT_MS = 60_000;

/**
 * A cluster, or one namespace of it, followed: one list and watch of each
 * resource, whoever looks.
 *
 * @internal
 */
export class FollowedScope {
  readonly client: WasmModuleClient;
  readonly namespace: string | undefined;
  readonly modules: ClusterModules;
  readonly companions: ClusterCompanions;
  readonly #onChange: (refs: ModuleRef[]) => void;
  readonly #now: () => Date;
  readonly #backOff: BackOff | undefined;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: {
    client: WasmModuleClient;
    namespace?: string;
    onChange: (refs: ModuleRef[]) => void;
    now: () => Date;
    backOff?: BackOff;
  }) {
    const { client } = options;
    this.client = client;
    this.namespace = options.namespace;
    this.#onChange = options.onChange;
    this.#now = options.now;
    this.#backOff = options.backOff;
    this.modules = new ClusterModules(client.cluster);
    this.companions = new ClusterCompanions({
      cluster: client.cluster,
      isModule: key => this.modules.has(key),
    });
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    await Promise.all([
      this.#followModules(),
      ...COMPANIONS.map(resource => this.#followCompanions(resource)),
    ]);
  }

  async #followModules(): Promise<void> {
    const events = followModules({
      client: this.client,
      selection: { namespace: this.namespace },
      keep: lightModule,
      signal: this.#stopped.signal,
      backOff: this.#backOff,
    });
    for await (const event of events) {
      this.#tell(this.modules.apply(event, this.#now()));
    }
  }

  async #followCompanions(resource: CompanionResource): Promise<void> {
    const { client, namespace } = this;
    const { signal } = this.#stopped;
    // Modules come first, and a cluster without them need not be asked for more.
    await this.modules.listed(signal);
    const events = followResource({
      source: {
        cluster: client.cluster,
        label: resource,
        list: until =>
          client.listCompanions(resource, { namespace, signal: until }),
        watch: (resourceVersion, until) =>
          client.watchCompanions(resource, {
            namespace,
            resourceVersion,
            signal: until,
          }),
        latestVersion: until =>
          client.latestVersion(resource, { namespace, signal: until }),
      },
      signal,
      backOff: this.#backOff,
      leastWaitMs: problem => (isRefusal(problem) ? REFUSED_WAIT_MS : 0),
    });
    for await (const event of events) {
      this.#tell(
        this.companions.apply(resource, event).flatMap(name => {
          const known = this.modules.get(name);
          return known ? [known.ref] : [];
        }),
      );
    }
  }

  #tell(refs: ModuleRef[]): void {
    if (refs.length > 0) {
      this.#onChange(refs);
    }
  }
}

function isRefusal({ code }: WasiError): boolean {
  return code === 'KNATIVE_MISSING' || code === 'CLUSTER_FORBIDDEN';
}
