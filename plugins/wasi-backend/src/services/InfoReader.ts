import type {
  BackendInfo,
  RuntimeView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ClusterCaller,
  Clusters,
  ModuleCache,
  RegistryConfig,
  Toolchains,
} from '@wasi-functions/backstage-plugin-wasi-node';

const RUNTIMES_KEPT_MS = 30_000;

/** Tells what this backend can build, where to, and what runs it. @internal */
export class InfoReader {
  readonly #toolchains: Pick<Toolchains, 'checkAll'>;
  readonly #clusters: Clusters;
  readonly #cache: Pick<ModuleCache, 'problems'>;
  readonly #registries: RegistryConfig[];
  readonly #now: () => number;
  #runtimes: { until: number; answer: Promise<RuntimeView[]> } | undefined;

  constructor(options: {
    toolchains: Pick<Toolchains, 'checkAll'>;
    clusters: Clusters;
    cache: Pick<ModuleCache, 'problems'>;
    registries: RegistryConfig[];
    now?: () => number;
  }) {
    this.#toolchains = options.toolchains;
    this.#clusters = options.clusters;
    this.#cache = options.cache;
    this.#registries = options.registries;
    this.#now = options.now ?? Date.now;
  }

  async read(caller?: ClusterCaller): Promise<BackendInfo> {
    const problems = this.#cache.problems();
    return {
      runtimes: await this.#readRuntimes(),
      clusters: this.#clusters.names().map(({ problem, ...cluster }) => ({
        ...cluster,
        identity:
          problem && !cluster.userTokens
            ? undefined
            : this.#clusters.identity(cluster.name, caller),
        problem: problem ?? problems.find(one => one.cluster === cluster.name),
      })),
      registries: this.#registries.map(({ host, prefix }) =>
        prefix ? `${host}/${prefix}` : host,
      ),
    };
  }

  // Each check starts a process per tool; a form that is opened often must not.
  #readRuntimes(): Promise<RuntimeView[]> {
    if (!this.#runtimes || this.#runtimes.until <= this.#now()) {
      const answer = this.#toolchains.checkAll();
      this.#runtimes = { until: this.#now() + RUNTIMES_KEPT_MS, answer };
      answer.catch(() => {
        // The caller gets the failure; only it must not be kept.
        this.#runtimes = undefined;
      });
    }
    return this.#runtimes.answer;
  }
}
