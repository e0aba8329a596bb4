import {
  isWasiError,
  WasiError,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { exponentialBackOff, pause, type BackOff } from './backOff';
import { ClusterCompanions } from './ClusterCompanions';
import { ClusterModules, type ModuleChanges } from './ClusterModules';
import type { CompanionResource } from './companions';
import { followModules } from './followModules';
import { followResource } from './followResource';
import { lightModule } from './leanModule';
import type { WasmModuleClient } from './types';

const COMPANIONS: CompanionResource[] = ['services', 'revisions', 'events'];
// What is not installed or not allowed seldom changes.
const REFUSED_WAIT_MS = 60_000;
// An API server that hangs leaves its watches open, and one that no longer takes
// our credentials does so too: what they tell proves neither.
const PULSE_MS = 5_000;
const PULSE_TIMEOUT_MS = 5_000;
// Who looks at a cluster that is silent waits for its next word.
const SILENT_PULSE_MS = 1_000;

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
  readonly #onChange: (refs: ModuleRef[], moved: boolean) => void;
  readonly #onProblem: () => void;
  readonly #now: () => Date;
  readonly #backOff: BackOff;
  readonly #pulseMs: number;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;
  #heardAt = -Infinity;
  /** When a request was last answered, by `performance.now()`. */
  #answeredAt = -Infinity;
  #toldProblem: string | undefined;
  #round = new AbortController();
  /** Aborts when the cluster is heard again. */
  #away = new AbortController();

  constructor(options: {
    client: WasmModuleClient;
    namespace?: string;
    onChange: (refs: ModuleRef[], moved: boolean) => void;
    /** Called when the cluster can be heard no longer, again, or for another reason not. */
    onProblem: () => void;
    now: () => Date;
    backOff?: BackOff;
    pulseMs?: number;
  }) {
    const { client } = options;
    this.client = client;
    this.namespace = options.namespace;
    this.#onChange = options.onChange;
    this.#onProblem = options.onProblem;
    this.#now = options.now;
    this.#backOff = options.backOff ?? exponentialBackOff();
    this.#pulseMs = options.pulseMs ?? PULSE_MS;
    this.modules = new ClusterModules(
      client.cluster,
      () => client.clockAheadMs,
    );
    this.#toldProblem = this.modules.problem?.code;
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
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      this.#round = new AbortController();
      const events = followModules({
        client: this.client,
        selection: { namespace: this.namespace },
        keep: lightModule,
        signal: AbortSignal.any([signal, this.#round.signal]),
        backOff: this.#backOff,
      });
      for await (const event of events) {
        this.#heardAt = performance.now();
        if (event.type === 'LISTED' || event.type === 'ALIVE') {
          this.#answeredAt = this.#heardAt;
        }
        this.#tell(this.modules.apply(event, this.#now()));
        this.#tellProblem();
      }
    }
  }

  /** As often for many who look as for none. */
  async #feelPulse(): Promise<void> {
    const { signal } = this.#stopped;
    let isSilent = false;
    while (!signal.aborted) {
      const most = isSilent ? SILENT_PULSE_MS : Infinity;
      await pause(Math.min(this.#pulseMs, most), signal);
      const isDue = performance.now() - this.#answeredAt >= this.#pulseMs;
      // What the watch itself has a problem with is told already.
      if (isSilent || (isDue && !this.modules.problem)) {
        isSilent = await this.#ask(signal);
        this.#tellProblem();
      }
    }
  }

  /** Tells whether the cluster is silent. */
  async #ask(signal: AbortSignal): Promise<boolean> {
    const askedAt = performance.now();
    const problem = await this.#problem(signal);
    if (signal.aborted) {
      return false;
    }
    if (!problem) {
      this.#answeredAt = performance.now();
      this.modules.hear(this.#now());
      return false;
    }
    if (problem.code === 'CLUSTER_UNREACHABLE') {
      // Busy it may be, but not silent, where the watch went on meanwhile.
      const isSilent = this.#heardAt < askedAt;
      if (isSilent) {
        this.modules.miss(problem);
      }
      return isSilent;
    }
    if (isRefusal(problem)) {
      // The watch goes on until it ends, with what we may no longer see.
      this.modules.miss(problem);
      this.#round.abort();
    }
    return false;
  }

  async #problem(signal: AbortSignal): Promise<WasiError | undefined> {
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
      return isWasiError(error)
        ? error
        : new WasiError('CLUSTER_UNREACHABLE', {
            message: `Cluster "${client.cluster}" did not answer within ${
              PULSE_TIMEOUT_MS / 1000
            } seconds.`,
          });
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
      backOff: {
        // What was refused with the modules may well be allowed again with them.
        wait: (failures, until, leastMs) =>
          this.#backOff.wait(
            failures,
            AbortSignal.any([until, this.#away.signal]),
            leastMs,
          ),
      },
      leastWaitMs: problem => (isLacking(problem) ? REFUSED_WAIT_MS : 0),
    });
    for await (const event of events) {
      this.#tell({
        refs: this.companions.apply(resource, event).flatMap(name => {
          const known = this.modules.get(name);
          return known ? [known.ref] : [];
        }),
        moved: false,
      });
    }
  }

  #tell({ refs, moved }: ModuleChanges): void {
    if (refs.length > 0) {
      this.#onChange(refs, moved);
    }
  }

  #tellProblem(): void {
    const code = this.modules.problem?.code;
    if (code !== this.#toldProblem && !this.#stopped.signal.aborted) {
      this.#toldProblem = code;
      if (code === undefined) {
        this.#away.abort();
        this.#away = new AbortController();
      }
      this.#onProblem();
    }
  }
}

/** By its answer to us, not to what was asked. */
function isRefusal({ code }: WasiError): boolean {
  return (
    code === 'CLUSTER_UNAUTHENTICATED' ||
    code === 'CLUSTER_FORBIDDEN' ||
    code === 'CLUSTER_TOKEN_MISSING' ||
    code === 'CLUSTER_IMPERSONATION_FORBIDDEN' ||
    code === 'CRD_MISSING'
  );
}

function isLacking({ code }: WasiError): boolean {
  return code === 'KNATIVE_MISSING' || code === 'CLUSTER_FORBIDDEN';
}
