import { renderInTestApp } from '@backstage/frontend-test-utils';
import type { ApiHolder } from '@backstage/frontend-plugin-api';
import type { FieldExtensionComponentProps } from '@backstage/plugin-scaffolder-react';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { wasiApiRef } from '../../apis';
import { validateRuntime } from './validateRuntime';
import {
  WasiRuntimePicker,
  type WasiRuntimePickerOptions,
} from './WasiRuntimePicker';

type Props = FieldExtensionComponentProps<string, WasiRuntimePickerOptions>;

const stored = () =>
  new StoredWasiApi({ items: [], problems: [], missing: [] });

function renderPicker(wasiApi: StoredWasiApi, props: Partial<Props> = {}) {
  const onChange = jest.fn();
  renderInTestApp(
    <WasiRuntimePicker
      {...({
        schema: { title: 'Runtime', type: 'string' },
        uiSchema: {},
        onChange,
        ...props,
      } as unknown as Props)}
    />,
    { apis: [[wasiApiRef, wasiApi]] },
  );
  return onChange;
}

describe('WasiRuntimePicker', () => {
  it('offers what can be built here', async () => {
    const onChange = renderPicker(stored());
    const group = await screen.findByRole('radiogroup', { name: /Runtime/ });
    const radios = within(group).getAllByRole('radio');
    expect(
      radios.map(radio => [
        radio.getAttribute('value'),
        (radio as HTMLInputElement).disabled,
      ]),
    ).toEqual([
      ['js-wasi', false],
      ['wat-wasi', false],
    ]);

    await userEvent.click(screen.getByRole('radio', { name: 'JavaScript' }));
    expect(onChange.mock.calls).toEqual([['js-wasi']]);
  });

  it('says on demand, and calmly, why the rest cannot be built', async () => {
    renderPicker(stored());
    const summary = await screen.findByText(
      '1 more runtime is not available on this portal',
    );
    const reason = screen.getByText(/cargo was not found\. Install Rust/);
    expect(reason).not.toBeVisible();

    await userEvent.click(summary);
    expect(reason).toBeVisible();
    expect(screen.getByText('Rust')).toBeVisible();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('says where nothing can be built', async () => {
    renderPicker(stored(), {
      uiSchema: { 'ui:options': { runtimes: ['rust-wasi'] } },
    });
    expect(
      await screen.findByText('No runtime can be built on this portal.'),
    ).toBeVisible();
    expect(screen.queryByRole('radio')).not.toBeInTheDocument();
  });

  it('offers only the runtimes that the template names', async () => {
    renderPicker(stored(), {
      uiSchema: { 'ui:options': { runtimes: ['wat-wasi'] } },
    });
    await screen.findByRole('radiogroup');
    expect(
      screen.getAllByRole('radio').map(radio => radio.getAttribute('value')),
    ).toEqual(['wat-wasi']);
  });

  it('says why it cannot offer any', async () => {
    const wasiApi = stored();
    wasiApi.info = new WasiError('BACKEND_UNREACHABLE', {
      message: 'The connection failed.',
    });
    renderPicker(wasiApi);
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The connection failed.',
    );
    expect(screen.queryByRole('radio')).not.toBeInTheDocument();
  });
});

describe('validateRuntime', () => {
  const errorsFor = async (name: string, wasiApi: StoredWasiApi) => {
    const errors: string[] = [];
    await validateRuntime(
      name,
      { addError: (message: string) => errors.push(message) } as never,
      {
        apiHolder: { get: () => wasiApi } as unknown as ApiHolder,
        formData: {},
        schema: {},
      },
    );
    return errors;
  };

  it.each([
    { name: 'js-wasi', errors: [] },
    {
      name: 'rust-wasi',
      errors: ['Rust cannot be built here. cargo was not found.'],
    },
    { name: 'cobol', errors: ['cobol is not a runtime of this portal.'] },
  ])('judges $name by what the backend has', async ({ name, errors }) => {
    await expect(errorsFor(name, stored())).resolves.toEqual(errors);
  });

  it('leaves the judgement to the template where the backend does not answer', async () => {
    const wasiApi = stored();
    wasiApi.info = new WasiError('BACKEND_UNREACHABLE', { message: 'Down.' });
    await expect(errorsFor('rust-wasi', wasiApi)).resolves.toEqual([]);
  });
});
