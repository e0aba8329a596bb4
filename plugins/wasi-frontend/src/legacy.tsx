import {
  createApiFactory,
  createComponentExtension,
  createPlugin,
  createRoutableExtension,
  fetchApiRef,
} from '@backstage/core-plugin-api';
import {
  createScaffolderFieldExtension,
  type FieldExtensionComponentProps,
} from '@backstage/plugin-scaffolder-react';
import type { NetworkSpec } from '@wasi-functions/backstage-plugin-wasi-common';
import { lazy, Suspense, type ComponentType } from 'react';
import { LazyWasiClient, wasiApiRef } from './apis';
import { createFunctionRouteRef, rootRouteRef } from './routes';

/**
 * The plugin for portals on the old frontend system.
 *
 * @public
 */
export const wasiPlugin = createPlugin({
  id: 'wasi',
  apis: [
    createApiFactory({
      api: wasiApiRef,
      deps: { fetchApi: fetchApiRef },
      factory: ({ fetchApi }) => new LazyWasiClient({ fetchApi }),
    }),
  ],
  routes: { root: rootRouteRef },
  externalRoutes: { create: createFunctionRouteRef },
});

/**
 * Entity tab: the modules of an entity, with everything known about them.
 *
 * @public
 */
export const EntityWasmModulesContent = wasiPlugin.provide(
  createRoutableExtension<() => JSX.Element>({
    name: 'EntityWasmModulesContent',
    mountPoint: rootRouteRef,
    component: () =>
      import('./entityChunk').then(module => module.EntityWasmModulesContent),
  }),
);

/**
 * Entity card: health, address and size of the modules of an entity, and whether they are in step with the catalog.
 *
 * @public
 */
export const EntityWasmModuleCard = wasiPlugin.provide(
  createComponentExtension<() => JSX.Element>({
    name: 'EntityWasmModuleCard',
    component: {
      lazy: () =>
        import('./entityChunk').then(module => module.EntityWasmModuleCard),
    },
  }),
);

/**
 * Template form field `WasiRuntimePicker`.
 *
 * @public
 */
export const WasiRuntimePickerFieldExtension = wasiPlugin.provide(
  createScaffolderFieldExtension<string>({
    name: 'WasiRuntimePicker',
    component: lazyField(() =>
      import('./components/WasiRuntimePicker').then(
        module => module.WasiRuntimePicker,
      ),
    ),
    validation: async (...args) => {
      const { validateRuntime } = await import(
        './components/WasiRuntimePicker'
      );
      await validateRuntime(...args);
    },
  }),
);

/**
 * Template form field `WasiNetworkPermissions`.
 *
 * @public
 */
export const WasiNetworkPermissionsFieldExtension = wasiPlugin.provide(
  createScaffolderFieldExtension<NetworkSpec | string[]>({
    name: 'WasiNetworkPermissions',
    component: lazyField(() =>
      import('./components/WasiNetworkPermissions').then(
        module => module.WasiNetworkPermissions,
      ),
    ),
    validation: async (...args) => {
      const { validateNetwork } = await import(
        './components/WasiNetworkPermissions'
      );
      await validateNetwork(...args);
    },
  }),
);

/**
 * Template form field `WasiRegistryPicker`.
 *
 * @public
 */
export const WasiRegistryPickerFieldExtension = wasiPlugin.provide(
  createScaffolderFieldExtension<string>({
    name: 'WasiRegistryPicker',
    component: lazyField(() =>
      import('./components/WasiRegistryPicker').then(
        module => module.WasiRegistryPicker,
      ),
    ),
  }),
);

function lazyField<Value>(
  load: () => Promise<ComponentType<FieldExtensionComponentProps<Value, {}>>>,
) {
  const Field = lazy(async () => ({ default: await load() }));
  return function LazyField(props: FieldExtensionComponentProps<Value, {}>) {
    return (
      <Suspense fallback={null}>
        <Field {...props} />
      </Suspense>
    );
  };
}
