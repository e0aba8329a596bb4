import { createFrontendPlugin } from '@backstage/frontend-plugin-api';
import { RiCpuLine } from '@remixicon/react';
import {
  networkPermissionsField,
  registryPickerField,
  runtimePickerField,
  wasiApi,
  wasmEntityCard,
  wasmEntityContent,
} from './extensions';
import { createFunctionRouteRef, rootRouteRef } from './routes';

/**
 * WebAssembly functions on entity pages and in templates, for the new frontend system.
 *
 * @public
 */
export default createFrontendPlugin({
  pluginId: 'wasi',
  title: 'WebAssembly',
  icon: <RiCpuLine />,
  info: { packageJson: () => import('../package.json') },
  routes: { root: rootRouteRef },
  externalRoutes: { create: createFunctionRouteRef },
  extensions: [
    wasiApi,
    wasmEntityContent,
    wasmEntityCard,
    runtimePickerField,
    networkPermissionsField,
    registryPickerField,
  ],
});
