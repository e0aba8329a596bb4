import type { Entity } from '@backstage/catalog-model';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { EntityProvider } from '@backstage/plugin-catalog-react';
import { screen, within } from '@testing-library/react';
import {
  ANNOTATION_AUTO_DEPLOY,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { syncView } from '../../__fixtures__/deployments';
import { readyModule } from '../../__fixtures__/modules';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { wasiApiRef } from '../../apis';
import { EntityWasmModuleCard } from './EntityWasmModuleCard';

const NOW = Date.now();

function renderCard(
  wasiApi: StoredWasiApi,
  annotations: Record<string, string> = { [ANNOTATION_AUTO_DEPLOY]: 'true' },
) {
  const entity: Entity = {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'hello', annotations },
  };
  renderInTestApp(
    <EntityProvider entity={entity}>
      <EntityWasmModuleCard />
    </EntityProvider>,
    { apis: [[wasiApiRef, wasiApi]] },
  );
}

const withHello = () =>
  new StoredWasiApi({ items: [readyModule(NOW)], problems: [], missing: [] });
const card = async () =>
  within(await screen.findByRole('region', { name: 'WebAssembly' }));

describe('the card of an entity with deploys from the catalog', () => {
  it('says shortly of each environment whether it is in step', async () => {
    renderCard(withHello());
    expect(await (await card()).findByText('In step')).toBeInTheDocument();
    expect((await card()).getByText('Catalog, production')).toBeInTheDocument();
    expect((await card()).getByText('Differs')).toBeInTheDocument();
  });

  it('says that they are suspended', async () => {
    const wasiApi = withHello();
    wasiApi.sync = {
      ...syncView(NOW),
      suspended: { by: 'user:default/jane', at: new Date(NOW).toISOString() },
    };
    renderCard(wasiApi);
    expect(await (await card()).findAllByText('Suspended')).toHaveLength(2);
  });

  it('does not call them in step where that is not known', async () => {
    const wasiApi = withHello();
    wasiApi.sync = new WasiError('BACKEND_UNREACHABLE', { message: 'Gone.' });
    renderCard(wasiApi);
    expect(
      await (await card()).findByText(/in step with the catalog is not known/),
    ).toBeInTheDocument();
  });

  it('says nothing of them where the entity does not ask for them', async () => {
    const wasiApi = withHello();
    wasiApi.getSync = jest.fn();
    renderCard(wasiApi, {});
    expect(await (await card()).findByText('Ready')).toBeInTheDocument();
    expect(wasiApi.getSync).not.toHaveBeenCalled();
  });
});
