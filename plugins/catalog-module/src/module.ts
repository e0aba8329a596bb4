import { createBackendModule } from '@backstage/backend-plugin-api';

/**
 * Adds an entity provider for each entry of `catalog.providers.wasi`.
 *
 * @public
 */
export const catalogModuleWasi = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'wasi',
  register(env) {
    env.registerInit({ deps: {}, async init() {} });
  },
});
