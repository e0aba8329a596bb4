import {
  isWasiError,
  WasiError,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { pause, type BackOff } from './backOff';
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
// An API server that hangs leaves its watches open, and they say little for minutes.
const PULSE_MS = 10_000;
const PULSE_TIMEOUT_MS = 5_000;

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
  readonly #pulseMs: number;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;
  #heardAt = -Infinity;

  constructor(options: {
    client: WasmModuleClient;
    namespace?: string;
    onChange: (refs: ModuleRef[]) => void;
    now: () => Date;
    backOff?: BackOff;
    pulseMs?: number;
  }) {
    const { client } = options;
    this.client = client;
    this.namespace = options.namespace;
    this.#onChange = options.onChange;
    this.#now = options.now;
    this.#backOff = options.backOff;
    this.#pulseMs = options.pulseMs ?? PULSE_MS;
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
      this.#feelPulse(),
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
      this.#heardAt = performance.now();
      this.#tell(this.modules.apply(event, this.#now()));
    }
  }

  /** As often for many who look as for none. */
  async #feelPulse(): Promise<void> {
    const { signal } = this.#stopped;
    let isSilent = false;
    while (!signal.aborted) {
      await pause(this.#pulseMs, signal);
      const isQuiet = performance.now() - this.#heardAt >= this.#pulseMs;
      // What the watch itself has a problem with is told already.
      if (isSilent || (isQuiet && !this.modules.problem)) {
        const silence = await this.#silence(signal);
        isSilent = silence !== undefined;
        this.modules.hear(silence);
      }
    }
  }

  async #silence(signal: AbortSignal): Promise<WasiError | undefined> {
    const { client, namespace } = this;
    try {
      await client.latestVersion('modules', {
        namespace,
        signal: AbortSignal.any([
          signal,
          AbortSignal.timeout(PULSE_TIMEOUT_MS),
        ]),
      });
      return undefined;
    } catch (error) {
      if (!isWasiError(error)) {
        return new WasiError('CLUSTER_UNREACHABLE', {
          message: `Cluster "${client.cluster}" did not answer within ${
            PULSE_TIMEOUT_MS / 1000
          } seconds.`,
        });
      }
      // A refusal is an answer too.
      return error.code === 'CLUSTER_UNREACHABLE' ? error : undefined;
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
