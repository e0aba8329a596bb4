import { createDevApp } from '@backstage/frontend-dev-utils';
import {
  ApiBlueprint,
  createFrontendModule,
  createFrontendPlugin,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import plugin from '../src';
import { wasiApiRef } from '../src/apis';
import { createRoutedWasiApi } from './RoutedWasiApi';

const storedApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: wasiApiRef,
      deps: {},
      factory: () => createRoutedWasiApi(),
    }),
});

// As `/?denied=wasi.module.update,wasi.module.logs` says; all else is allowed.
const storedPermissions = ApiBlueprint.make({
  name: 'permission',
  params: defineParams =>
    defineParams({
      api: permissionApiRef,
      deps: {},
      factory: () => ({
        authorize: async ({ permission }) => ({
          result: (
            new URLSearchParams(window.location.search).get('denied') ?? ''
          )
            .split(',')
            .includes(permission.name)
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
        }),
      }),
    }),
});

const statesPage = PageBlueprint.make({
  params: {
    path: '/',
    title: 'States of the tab',
    loader: async () => {
      const { StatesPage } = await import('./StatesPage');
      return <StatesPage />;
    },
  },
});

createDevApp({
  features: [
    plugin,
    createFrontendModule({ pluginId: 'wasi', extensions: [storedApi] }),
    createFrontendModule({
      pluginId: 'app',
      extensions: [storedPermissions],
    }),
    createFrontendPlugin({ pluginId: 'states', extensions: [statesPage] }),
  ],
});
