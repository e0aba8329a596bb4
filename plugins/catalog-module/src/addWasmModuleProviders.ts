import type {
  AuthService,
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import type {
  CatalogProcessingExtensionPoint,
  CatalogService,
} from '@backstage/plugin-catalog-node';
import type { Clusters } from '@wasi-functions/backstage-plugin-wasi-node';
import { readProviderConfigs } from './readProviderConfigs';
import { WasmModuleEntityProvider } from './WasmModuleEntityProvider';
import type { Worlds } from './Worlds';

/**
 * Adds a provider for each cluster of each entry, refreshed on its schedule.
 *
 * @internal
 */
export function addWasmModuleProviders(options: {
  config: Config;
  clusters: () => Clusters;
  worlds: () => Pick<Worlds, 'of'>;
  processing: CatalogProcessingExtensionPoint;
  scheduler: SchedulerService;
  catalog: CatalogService;
  auth: AuthService;
  logger: LoggerService;
}): void {
  const { processing, scheduler } = options;
  const configs = readProviderConfigs(options.config);
  if (configs.length === 0) {
    return;
  }
  const clusters = options.clusters();
  const worlds = configs.some(({ apis }) => apis)
    ? options.worlds()
    : undefined;
  const known = clusters.names().map(({ name }) => name);
  for (const config of configs) {
    for (const cluster of config.clusters ?? known) {
      if (!known.includes(cluster)) {
        throw new Error(
          `Invalid catalog.providers.wasi.${
            config.id
          }.clusters: there is no cluster "${cluster}"; there is: ${
            known.join(', ') || 'none'
          }`,
        );
      }
      processing.addEntityProvider(
        new WasmModuleEntityProvider({
          ...options,
          config,
          cluster,
          clusters,
          worlds: config.apis ? worlds : undefined,
          runner: scheduler.createScheduledTaskRunner(config.schedule),
        }),
      );
    }
  }
}
