import {
  isWasiError,
  type ModuleHealth,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  Clusters,
  ModuleCache,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { DeploymentRecorder } from './DeploymentRecorder';
import type { DeploymentEnd, DeploymentStore } from './DeploymentStore';
import { judgeArrival } from './judgeArrival';
import type { SecretVault } from './SecretVault';
import type { StoredDeployment } from './types';

const LEASE_MS = 30_000;
const READ_TIMEOUT_MS = 5_000;

const NOT_TOLD: DeploymentEnd = {
  state: 'unknown',
  code: 'DEPLOYMENT_OUTCOME_UNKNOWN',
  message: 'The cluster has not told in time what became of it.',
};

/**
 * Follows what runs until it has ended: in the cache where that knows, else in
 * the cluster itself.
 *
 * Every backend follows everything; the database lets one of them write an end.
 *
 * @internal
 */
export class DeploymentFollower {
  readonly #store: DeploymentStore;
  readonly #recorder: DeploymentRecorder;
  readonly #vault: SecretVault;
  readonly #cache: Pick<ModuleCache, 'get' | 'find' | 'problems'>;
  readonly #clusters: Clusters;
  readonly #health: (cached: CachedModule) => Promise<ModuleHealth>;
  readonly #now: () => Date;
  readonly #uptimeMs: () => number;
  readonly #deadlineMs: number;
  /** Since when the beat of another backend's row has not changed. */
  readonly #beats = new Map<string, { beat: number; since: number }>();
  /** Clusters that have not answered in this look. */
  readonly #silent = new Set<string>();

  constructor(options: {
    store: DeploymentStore;
    recorder: DeploymentRecorder;
    vault: SecretVault;
    cache: Pick<ModuleCache, 'get' | 'find' | 'problems'>;
    clusters: Clusters;
    health: (cached: CachedModule) => Promise<ModuleHealth>;
    now: () => Date;
    /** Never goes back, other than the time of day. */
    uptimeMs: () => number;
    /** After which an end that the cluster does not tell is not waited for. */
    deadlineMs: number;
  }) {
    this.#store = options.store;
    this.#recorder = options.recorder;
    this.#vault = options.vault;
    this.#cache = options.cache;
    this.#clusters = options.clusters;
    this.#health = options.health;
    this.#now = options.now;
    this.#uptimeMs = options.uptimeMs;
    this.#deadlineMs = options.deadlineMs;
  }

  /** Looks at everything that runs. */
  async look(): Promise<void> {
    const running = await this.#running();
    this.#silent.clear();
    const clusters = new Set(running.map(({ ref }) => ref.cluster));
    // None waits for another one that is slow.
    await Promise.all(
      [...clusters].map(cluster =>
        this.#lookAt(running.filter(({ ref }) => ref.cluster === cluster)),
      ),
    );
  }

  async #lookAt(running: StoredDeployment[]): Promise<void> {
    for (const deployment of running) {
      const end = deployment.appliedAt
        ? await this.#endOf(deployment)
        : await this.#arrivalOf(deployment);
      if (end) {
        const at = this.#now().toISOString();
        await this.#store.end(deployment.id, { ...end, at });
      }
    }
  }

  async #running(): Promise<StoredDeployment[]> {
    try {
      const running = await this.#store.running();
      this.#forgetBeats(new Set(running.map(({ id }) => id)));
      return running;
    } catch (error) {
      // Others could not beat either while the database was away.
      this.#beats.clear();
      throw error;
    }
  }

  async #endOf(
    deployment: StoredDeployment,
  ): Promise<DeploymentEnd | undefined> {
    const cached = this.#cache.get(deployment.ref);
    const end =
      deployment.action === 'delete'
        ? this.#endOfDelete(deployment, cached?.module)
        : await this.#endOfChange(deployment, cached);
    return end ?? (this.#isLate(deployment) ? NOT_TOLD : undefined);
  }

  #endOfDelete(
    { ref, base }: StoredDeployment,
    module: WasmModule | undefined,
  ): DeploymentEnd | undefined {
    const isGone = module
      ? module.metadata.uid !== base?.uid
      : this.#isHeard(ref.cluster) &&
        this.#cache.find(ref).rejected.length === 0;
    return isGone ? { state: 'succeeded' } : undefined;
  }

  async #endOfChange(
    { ref, uid, generation = 1 }: StoredDeployment,
    cached: CachedModule | undefined,
  ): Promise<DeploymentEnd | undefined> {
    const known = cached?.module.metadata;
    if (
      cached &&
      known?.uid === uid &&
      known?.deletionTimestamp === undefined
    ) {
      const seen = known?.generation ?? 1;
      if (seen > generation) {
        return {
          state: 'superseded',
          message: 'It was changed again before it was ready.',
        };
      }
      return seen === generation ? this.#endOfReady(cached) : undefined;
    }
    // The cache may be behind, so the cluster decides.
    const module = await this.#read(ref);
    return module === 'gone' ||
      (module && module !== 'unknown' && module.metadata.uid !== uid)
      ? {
          state: 'superseded',
          message: 'The module was deleted before it was ready.',
        }
      : undefined;
  }

  async #endOfReady(cached: CachedModule): Promise<DeploymentEnd | undefined> {
    if (isReady(cached.module)) {
      return { state: 'succeeded' };
    }
    const { state, message, code, remedy } = await this.#health(cached);
    return state === 'failed' || state === 'degraded'
      ? { state: 'failed', message, code, remedy }
      : undefined;
  }

  /** Of what another backend has left before it had told what the cluster answered. */
  async #arrivalOf(
    deployment: StoredDeployment,
  ): Promise<DeploymentEnd | undefined> {
    if (!(await this.#isMine(deployment))) {
      return undefined;
    }
    const found = await this.#read(deployment.ref);
    const arrival =
      found === 'unknown'
        ? 'unknown'
        : judgeArrival({
            deployment,
            sent: deployment.manifest
              ? this.#vault.open({
                  manifest: deployment.manifest,
                  secrets: deployment.secrets,
                })
              : undefined,
            found: found === 'gone' ? undefined : found,
          });
    if (arrival === 'applied') {
      await this.#recorder
        .adopt(deployment.id)
        .applied(found === 'gone' ? undefined : (found as WasmModule));
      return undefined;
    }
    if (arrival === 'unknown') {
      // Asked again until then.
      return this.#isLate(deployment) ? NOT_TOLD : undefined;
    }
    return arrival;
  }

  /** True where this backend has to find out what became of it. */
  async #isMine(deployment: StoredDeployment): Promise<boolean> {
    const { id, backend, beat } = deployment;
    if (backend === this.#recorder.backend) {
      return !this.#recorder.isOpen(id) && this.#isLeft(id, beat);
    }
    return (
      (!backend || this.#isLeft(id, beat)) &&
      this.#store.claim(deployment, this.#recorder.backend)
    );
  }

  /** True where nobody has worked on it for a while; by no clock but our own. */
  #isLeft(id: string, beat: number): boolean {
    const known = this.#beats.get(id);
    const since = this.#uptimeMs();
    if (!known || known.beat !== beat) {
      this.#beats.set(id, { beat, since });
      return false;
    }
    return since - known.since >= LEASE_MS;
  }

  #forgetBeats(ids: ReadonlySet<string>): void {
    for (const id of this.#beats.keys()) {
      if (!ids.has(id)) {
        this.#beats.delete(id);
      }
    }
  }

  async #read(
    ref: StoredDeployment['ref'],
  ): Promise<WasmModule | 'gone' | 'unknown'> {
    if (!this.#isHeard(ref.cluster) || this.#silent.has(ref.cluster)) {
      return 'unknown';
    }
    const signal = AbortSignal.timeout(READ_TIMEOUT_MS);
    try {
      return await this.#clusters.client(ref.cluster).get(ref, { signal });
    } catch (error) {
      if (isWasiError(error) && error.code === 'MODULE_NOT_FOUND') {
        return 'gone';
      }
      if (isWasiError(error) || signal.aborted) {
        // The cluster's own lane tells why; here it only means to ask again.
        this.#silent.add(ref.cluster);
        return 'unknown';
      }
      throw error;
    }
  }

  #isHeard(cluster: string): boolean {
    return !this.#cache.problems().some(problem => problem.cluster === cluster);
  }

  #isLate({ appliedAt, startedAt }: StoredDeployment): boolean {
    const since = new Date(appliedAt ?? startedAt).getTime();
    return this.#now().getTime() - since > this.#deadlineMs;
  }
}

function isReady({ metadata, status }: WasmModule): boolean {
  return (
    (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1) &&
    status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  );
}
