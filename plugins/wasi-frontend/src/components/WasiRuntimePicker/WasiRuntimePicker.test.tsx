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
  it('offers what can be built here first, and says why the rest cannot', async () => {
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
      ['rust-wasi', true],
    ]);
    expect(
      screen.getByRole('radio', { name: 'Rust' }),
    ).toHaveAccessibleDescription(
      /Not available on this portal.*cargo was not found\. Install Rust with rustup/,
    );

    await userEvent.click(screen.getByRole('radio', { name: 'JavaScript' }));
    expect(onChange.mock.calls).toEqual([['js-wasi']]);
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
