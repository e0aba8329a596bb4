import type { Entity } from '@backstage/catalog-model';
import {
  createExtensionTester,
  mockApis,
  renderTestApp,
} from '@backstage/frontend-test-utils';
import {
  EntityCardBlueprint,
  EntityContentBlueprint,
} from '@backstage/plugin-catalog-react/alpha';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import { FormFieldBlueprint } from '@backstage/plugin-scaffolder-react/alpha';
import { screen } from '@testing-library/react';
import { readyModule } from '../__fixtures__/modules';
import { StoredWasiApi } from '../__fixtures__/StoredWasiApi';
import { wasiApiRef } from '../apis';
import plugin from '../plugin';
import { wasmEntityCard } from './entityCard';
import { wasmEntityContent } from './entityContent';
import {
  networkPermissionsField,
  registryPickerField,
  runtimePickerField,
} from './formFields';

const linked: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name: 'hello',
    annotations: { 'wasm.serving.knative.dev/module': 'hello' },
  },
};

const stored = () =>
  new StoredWasiApi({
    items: [readyModule(Date.now())],
    problems: [],
    missing: [],
  });

const apis = () =>
  [
    [wasiApiRef, stored()],
    [permissionApiRef, mockApis.permission()],
  ] as const;

describe('the plugin of the new frontend system', () => {
  it('shows the tab on the page of an entity', async () => {
    renderTestApp({
      extensions: [createTestEntityPage({ entity: linked }), wasmEntityContent],
      apis: apis(),
    });
    expect(
      await screen.findByRole('article', { name: 'hello' }),
    ).toBeInTheDocument();
  });

  it('mounts the tab at /wasm, in the deployment group', () => {
    const tester = createExtensionTester(wasmEntityContent);
    expect(tester.get(EntityContentBlueprint.dataRefs.title)).toBe(
      'WebAssembly',
    );
    expect(tester.get(EntityContentBlueprint.dataRefs.group)).toBe(
      'deployment',
    );
  });

  it('shows the card with health, address and size', async () => {
    renderTestApp({
      extensions: [createTestEntityPage({ entity: linked }), wasmEntityCard],
      apis: apis(),
    });
    const card = await screen.findByRole('region', { name: 'WebAssembly' });
    expect(await screen.findByText('11.0 MiB')).toBeInTheDocument();
    expect(card).toHaveTextContent(
      /helloHealthReadyAddresshttp:\/\/localhost:7500\//,
    );
  });

  it('shows neither tab nor card for an entity that has no module', () => {
    const other = { ...linked, metadata: { name: 'other' } };
    const filters = [
      createExtensionTester(wasmEntityContent).get(
        EntityContentBlueprint.dataRefs.filterFunction,
      ),
      createExtensionTester(wasmEntityCard).get(
        EntityCardBlueprint.dataRefs.filterFunction,
      ),
    ];
    expect(filters.map(filter => filter?.(linked))).toEqual([true, true]);
    expect(filters.map(filter => filter?.(other))).toEqual([false, false]);
  });

  const { formFieldLoader } = FormFieldBlueprint.dataRefs;
  it.each([
    {
      name: 'WasiRuntimePicker',
      load: createExtensionTester(runtimePickerField).get(formFieldLoader),
    },
    {
      name: 'WasiNetworkPermissions',
      load: createExtensionTester(networkPermissionsField).get(formFieldLoader),
    },
    {
      name: 'WasiRegistryPicker',
      load: createExtensionTester(registryPickerField).get(formFieldLoader),
    },
  ])('offers the form field $name', async ({ name, load }) => {
    await expect(load()).resolves.toMatchObject({ name });
  });

  it('is one plugin of the id wasi', () => {
    expect(plugin.pluginId).toBe('wasi');
    expect(plugin.getExtension('api:wasi')).toBeDefined();
  });
});
