import type {
  Finding,
  ModuleView,
  WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleCache } from '@wasi-functions/backstage-plugin-wasi-node';
import type { ModuleReader } from './ModuleReader';

/** Shows what a cluster has answered to a write, to whoever reads next as well. @internal */
export class WrittenModules {
  readonly #cache: Pick<ModuleCache, 'observe'>;
  readonly #reader: Pick<ModuleReader, 'view'>;

  constructor(options: {
    cache: Pick<ModuleCache, 'observe'>;
    reader: Pick<ModuleReader, 'view'>;
  }) {
    this.#cache = options.cache;
    this.#reader = options.reader;
  }

  async view(
    cluster: string,
    module: WasmModule,
    findings: Finding[] = [],
  ): Promise<ModuleView> {
    this.#cache.observe(cluster, module);
    const { namespace = 'default', name } = module.metadata;
    const view = await this.#reader.view({
      ref: { cluster, namespace, name },
      module,
      observedAt: new Date().toISOString(),
    });
    return { ...view, findings: [...view.findings, ...findings] };
  }
}
