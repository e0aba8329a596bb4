import type { Entity } from '@backstage/catalog-model';
import { fetchApiRef } from '@backstage/core-plugin-api';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import {
  mockApis,
  renderInTestApp,
  TestApiProvider,
} from '@backstage/test-utils';
import { screen } from '@testing-library/react';
import { Route, Routes } from 'react-router-dom';
import { readyModule } from './__fixtures__/modules';
import { StoredWasiApi } from './__fixtures__/StoredWasiApi';
import { LazyWasiClient, wasiApiRef } from './apis';
import {
  EntityWasmModuleCard,
  EntityWasmModulesContent,
  wasiPlugin,
} from './legacy';
import { createFunctionRouteRef } from './routes';

const entity: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'hello' },
};

function renderInOldSystem(element: JSX.Element) {
  const stored = new StoredWasiApi({
    items: [readyModule(Date.now())],
    problems: [],
    missing: [],
  });
  return renderInTestApp(
    <TestApiProvider
      apis={[
        [wasiApiRef, stored],
        [permissionApiRef, mockApis.permission()],
      ]}
    >
      <EntityProvider entity={entity}>
        <Routes>
          <Route path="/wasm" element={element} />
        </Routes>
      </EntityProvider>
    </TestApiProvider>,
    {
      routeEntries: ['/wasm'],
      mountedRoutes: { '/create': createFunctionRouteRef },
    },
  );
}

describe('the exports for the old frontend system', () => {
  it('show the tab', async () => {
    await renderInOldSystem(<EntityWasmModulesContent />);
    expect(
      await screen.findByRole('article', { name: 'hello' }),
    ).toBeInTheDocument();
  });

  it('show the card', async () => {
    await renderInOldSystem(<EntityWasmModuleCard />);
    expect(
      await screen.findByRole('region', { name: 'WebAssembly' }),
    ).toHaveTextContent('Ready');
  });

  it('bring the client of the backend', () => {
    const [factory] = [...wasiPlugin.getApis()];
    expect(factory.api.id).toBe(wasiApiRef.id);
    expect(factory.deps).toEqual({ fetchApi: fetchApiRef });
    expect(
      factory.factory({ fetchApi: { fetch: async () => new Response() } }),
    ).toBeInstanceOf(LazyWasiClient);
  });
});
