import { renderInTestApp } from '@backstage/frontend-test-utils';
import type { FieldExtensionComponentProps } from '@backstage/plugin-scaffolder-react';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { backendInfo } from '../../__fixtures__/modules';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { wasiApiRef } from '../../apis';
import { WasiRegistryPicker } from './WasiRegistryPicker';

type Props = FieldExtensionComponentProps<string, {}>;

function renderPicker(registries: string[]) {
  const wasiApi = new StoredWasiApi({ items: [], problems: [], missing: [] });
  wasiApi.info = { ...backendInfo, registries };
  const onChange = jest.fn();
  renderInTestApp(
    <WasiRegistryPicker
      {...({
        schema: { title: 'Registry', type: 'string' },
        uiSchema: {},
        onChange,
      } as unknown as Props)}
    />,
    { apis: [[wasiApiRef, wasiApi]] },
  );
  return onChange;
}

describe('WasiRegistryPicker', () => {
  it('offers the registries of the portal', async () => {
    const onChange = renderPicker(['localhost:7450/functions', 'ghcr.io/acme']);
    await userEvent.click(
      await screen.findByRole('button', { name: /Registry/ }),
    );
    expect(
      screen.getAllByRole('option').map(option => option.textContent),
    ).toEqual(['localhost:7450/functions', 'ghcr.io/acme']);
    await userEvent.click(screen.getByRole('option', { name: 'ghcr.io/acme' }));
    expect(onChange.mock.calls).toEqual([['ghcr.io/acme']]);
  });

  it('chooses the only registry by itself', async () => {
    const onChange = renderPicker(['localhost:7450/functions']);
    await waitFor(() =>
      expect(onChange).toHaveBeenCalledWith('localhost:7450/functions'),
    );
  });

  it('says what to do where there is none', async () => {
    renderPicker([]);
    expect(
      await screen.findByText('No registry is configured'),
    ).toBeInTheDocument();
    expect(
      screen.getByText(
        'Ask an administrator to add one under wasi.registries.',
      ),
    ).toBeInTheDocument();
  });
});
