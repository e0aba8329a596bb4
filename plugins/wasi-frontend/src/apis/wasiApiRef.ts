import { createApiRef } from '@backstage/frontend-plugin-api';
import type { WasiApi } from './WasiApi';

/**
 * Client of the plugin's backend, for both frontend systems.
 *
 * @public
 */
export const wasiApiRef = createApiRef<WasiApi>().with({
  id: 'plugin.wasi.client',
  pluginId: 'wasi',
});
