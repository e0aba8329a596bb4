import { createDevApp } from '@backstage/frontend-dev-utils';
import {
  ApiBlueprint,
  createFrontendModule,
  createFrontendPlugin,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
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
    createFrontendPlugin({ pluginId: 'states', extensions: [statesPage] }),
  ],
});
