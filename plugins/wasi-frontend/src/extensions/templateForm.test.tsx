import { renderInTestApp } from '@backstage/frontend-test-utils';
import { Form } from '@backstage/plugin-scaffolder-react/alpha';
import validator from '@rjsf/validator-ajv8';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { StoredWasiApi } from '../__fixtures__/StoredWasiApi';
import { wasiApiRef } from '../apis';
import { WasiNetworkPermissions } from '../components/WasiNetworkPermissions';
import { WasiRuntimePicker } from '../components/WasiRuntimePicker';

function renderForm() {
  const submitted: unknown[] = [];
  const wasiApi = new StoredWasiApi({ items: [], problems: [], missing: [] });
  renderInTestApp(
    <Form
      validator={validator}
      schema={{
        type: 'object',
        properties: {
          runtime: { type: 'string', title: 'Runtime' },
          network: { type: 'object', title: 'Network' },
        },
      }}
      uiSchema={{
        runtime: { 'ui:field': 'WasiRuntimePicker' },
        network: { 'ui:field': 'WasiNetworkPermissions' },
      }}
      fields={{ WasiRuntimePicker, WasiNetworkPermissions } as never}
      onSubmit={({ formData }) => submitted.push(formData)}
    >
      <button type="submit">Next</button>
    </Form>,
    { apis: [[wasiApiRef, wasiApi]] },
  );
  return submitted;
}

const next = () =>
  userEvent.click(screen.getByRole('button', { name: 'Next' }));

describe('the fields in a form of the scaffolder', () => {
  // An empty `network` would allow DNS lookup, so none may be made up.
  it('hand over no network permissions where no rule was added', async () => {
    const submitted = renderForm();
    await userEvent.click(
      await screen.findByRole('radio', { name: 'JavaScript' }),
    );
    await next();
    await waitFor(() => expect(submitted).toEqual([{ runtime: 'js-wasi' }]));
  });

  it('hand over runtime and network permissions as they were chosen', async () => {
    const submitted = renderForm();
    await userEvent.click(
      await screen.findByRole('radio', { name: 'WebAssembly text' }),
    );
    await userEvent.click(screen.getByRole('button', { name: 'Add a rule' }));
    await userEvent.type(
      screen.getByRole('textbox', { name: 'Pattern' }),
      'db:1',
    );
    await next();
    await waitFor(() =>
      expect(submitted).toEqual([
        { runtime: 'wat-wasi', network: { tcp: { connect: ['db:1'] } } },
      ]),
    );
  });
});
