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
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { addWasmModuleProviders } from './addWasmModuleProviders';

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
        addWasmModuleProviders({
          ...deps,
          clusters: () =>
            createClusters(deps.config, readWasiConfig(deps.config), deps),
        });
      },
    });
  },
});
