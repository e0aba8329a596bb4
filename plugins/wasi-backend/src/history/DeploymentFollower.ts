import {
  isWasiError,
  type ModuleHealth,
  type ModuleRef,
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

// Where only users' tokens show it: for as long as who deployed may still be looking.
const USER_DEADLINE_MS = 5 * 60_000;

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
  /** What users' own tokens alone can tell the end of. */
  #untold: StoredDeployment[] = [];

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
    this.#untold = running.filter(
      ({ ref, appliedAt }) => appliedAt && this.#isUsersOnly(ref.cluster),
    );
    const clusters = new Set(running.map(({ ref }) => ref.cluster));
    // None waits for another one that is slow.
    await Promise.all(
      [...clusters].map(cluster =>
        this.#lookAt(running.filter(({ ref }) => ref.cluster === cluster)),
      ),
    );
  }

  /** What a user's own token has just shown; nothing of it is kept. */
  async seen(items: readonly CachedModule[]): Promise<void> {
    for (const item of items) {
      for (const deployment of this.#untold) {
        if (isSame(deployment.ref, item.ref)) {
          const end = await this.#endOfChange(deployment, item);
          if (end) {
            await this.#end(deployment, end);
          }
        }
      }
    }
  }

  async #lookAt(running: StoredDeployment[]): Promise<void> {
    for (const deployment of running) {
      const end = deployment.appliedAt
        ? await this.#endOf(deployment)
        : await this.#arrivalOf(deployment);
      if (end) {
        await this.#end(deployment, end);
      }
    }
  }

  async #end({ id }: StoredDeployment, end: DeploymentEnd): Promise<void> {
    await this.#store.end(id, { ...end, at: this.#now().toISOString() });
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
    if (this.#isUsersOnly(deployment.ref.cluster)) {
      return this.#endUnseen(deployment);
    }
    const cached = this.#cache.get(deployment.ref);
    const end =
      deployment.action === 'delete'
        ? this.#endOfDelete(deployment, cached?.module)
        : await this.#endOfChange(deployment, cached);
    return end ?? (this.#isLate(deployment) ? NOT_TOLD : undefined);
  }

  #endUnseen(deployment: StoredDeployment): DeploymentEnd | undefined {
    const { action, ref } = deployment;
    if (action === 'delete') {
      return {
        ...NOT_TOLD,
        message: `Cluster "${ref.cluster}" accepted it; only users' own tokens show whether the module is gone.`,
      };
    }
    return this.#isLate(deployment, USER_DEADLINE_MS)
      ? {
          ...NOT_TOLD,
          message: `Cluster "${ref.cluster}" accepted it, and shows only to users' own tokens what became of it: nobody has looked in time.`,
        }
      : undefined;
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

  #isLate(
    { appliedAt, startedAt }: StoredDeployment,
    deadlineMs = this.#deadlineMs,
  ): boolean {
    const since = new Date(appliedAt ?? startedAt).getTime();
    return this.#now().getTime() - since > deadlineMs;
  }

  #isUsersOnly(cluster: string): boolean {
    return this.#clusters
      .names()
      .some(({ name, userTokens }) => userTokens && name === cluster);
  }
}

function isSame(a: ModuleRef, b: ModuleRef): boolean {
  return (
    a.cluster === b.cluster && a.namespace === b.namespace && a.name === b.name
  );
}

function isReady({ metadata, status }: WasmModule): boolean {
  return (
    (status?.observedGeneration ?? 0) >= (metadata.generation ?? 1) &&
    status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  );
}
