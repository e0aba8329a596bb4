import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  catalogProcessingExtensionPoint,
  catalogServiceRef,
} from '@backstage/plugin-catalog-node';
import {
  createClusters,
  createModuleRegistry,
  inspectModule,
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { addWasmModuleProviders } from './addWasmModuleProviders';
import { Worlds } from './Worlds';

/**
 * Brings the WasmModules of clusters into the catalog, for each entry of
 * `catalog.providers.wasi`.
 *
 * @public
 */
export const catalogModuleWasi = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'wasi',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        processing: catalogProcessingExtensionPoint,
        scheduler: coreServices.scheduler,
      },
      async init(deps) {
        const config = readWasiConfig(deps.config);
        const { maxModuleBytes: maxBytes } = config.build;
        addWasmModuleProviders({
          ...deps,
          clusters: () => createClusters(deps.config, config, deps),
          worlds: () =>
            new Worlds({
              ...deps,
              registry: createModuleRegistry(config),
              inspect: path => inspectModule(path, { maxBytes }),
              maxBytes,
            }),
        });
      },
    });
  },
});
