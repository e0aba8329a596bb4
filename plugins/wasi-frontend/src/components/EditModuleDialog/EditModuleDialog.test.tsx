import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  MASKED_VALUE,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { rollbackPlan } from '../../__fixtures__/deployments';
import { readyModule } from '../../__fixtures__/modules';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { renderTab } from '../../__testUtils__/renderTab';

const NOW = Date.now();
const view = readyModule(NOW);
const { env, image } = view.module.spec;

function withHello() {
  return new StoredWasiApi({ items: [view], problems: [], missing: [] });
}

async function openForm() {
  await userEvent.click(await screen.findByRole('button', { name: 'Edit' }));
  const dialog = within(await screen.findByRole('dialog'));
  await dialog.findByRole('textbox', { name: 'Image' });
  const review = async () =>
    userEvent.click(dialog.getByRole('button', { name: 'Review changes' }));
  const variable = (index: number) =>
    within(dialog.getByRole('group', { name: `Variable ${index}` }));
  return { dialog, review, variable };
}

async function write(field: HTMLElement, text: string) {
  await userEvent.clear(field);
  await userEvent.paste(text);
}

// How long a chunk takes to load is no part of the claims.
beforeAll(() => import('./EditModuleDialog'));

describe('editing a module', () => {
  it('shows what changes, and applies exactly what was planned', async () => {
    const wasiApi = withHello();
    renderTab(wasiApi);
    const { dialog, review, variable } = await openForm();
    await write(variable(1).getByRole('textbox', { name: 'Value' }), 'debug');
    await review();

    expect(
      await dialog.findByRole('table', { name: 'Changes of the module' }),
    ).toHaveTextContent('spec.image');
    const change = 'local/default/hello';
    const edit = {
      spec: { env: [{ name: 'LOG_LEVEL', value: 'debug' }, ...env!.slice(1)] },
    };
    expect(wasiApi.planned).toEqual([{ change, edit }]);
    expect(wasiApi.done).toEqual([]);

    await userEvent.click(dialog.getByRole('button', { name: 'Apply' }));
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    expect(wasiApi.done).toEqual([{ change, edit, basis: 'b1' }]);
    expect(wasiApi.listed).toBeGreaterThan(1);
  });

  it('sends what was edited and nothing else', async () => {
    const wasiApi = withHello();
    renderTab(wasiApi);
    const { dialog, review } = await openForm();
    await write(
      dialog.getByRole('textbox', { name: 'Image' }),
      ' registry.example.com/hello:2 ',
    );
    expect(
      dialog.getByText(/^Named by a tag, which may stand for another image/),
    ).toBeInTheDocument();
    await userEvent.click(
      dialog.getByRole('button', { name: 'Remove argument 2' }),
    );
    await userEvent.click(
      dialog.getByRole('button', { name: 'Add an argument' }),
    );
    await userEvent.type(
      dialog.getByRole('textbox', { name: 'Argument 2' }),
      'Good day',
    );
    await write(
      dialog.getByRole('textbox', { name: 'Memory, at most' }),
      '1Gi',
    );
    await userEvent.clear(
      dialog.getByRole('textbox', { name: 'CPU, requested' }),
    );
    await userEvent.click(
      dialog.getByRole('checkbox', { name: 'Allow DNS lookup' }),
    );
    for (const index of [4, 3, 2]) {
      await userEvent.click(
        dialog.getByRole('button', { name: `Remove rule ${index}` }),
      );
    }
    await review();

    await waitFor(() => expect(wasiApi.planned).toHaveLength(1));
    expect(wasiApi.planned[0]).toMatchObject({
      edit: {
        spec: {
          image: 'registry.example.com/hello:2',
          args: ['--greeting', 'Good day'],
          resources: { limits: { memory: '1Gi' }, requests: { cpu: null } },
          network: {
            allowIpNameLookup: true,
            tcp: { connect: ['db.example.com:5432'] },
            udp: null,
          },
        },
      },
    });
    expect(wasiApi.planned[0]).not.toHaveProperty('edit.spec.env');
  });

  it('neither shows a secret nor changes one that is left alone', async () => {
    const wasiApi = withHello();
    renderTab(wasiApi);
    const { dialog, review, variable } = await openForm();
    const secret = variable(2).getByLabelText('Value');
    expect(secret).toHaveValue('');
    expect(secret).toHaveAttribute('type', 'password');
    expect(secret).toHaveAccessibleDescription('Hidden. Empty keeps it.');
    expect(dialog.queryByDisplayValue(MASKED_VALUE)).toBeNull();

    await userEvent.click(
      dialog.getByRole('button', { name: 'Remove variable 1' }),
    );
    await review();
    await waitFor(() =>
      expect(wasiApi.planned).toMatchObject([
        { edit: { spec: { env: env!.slice(1) } } },
      ]),
    );
  });

  it('asks for the value of a secret that is renamed, and takes it', async () => {
    const wasiApi = withHello();
    renderTab(wasiApi);
    const { dialog, review, variable } = await openForm();
    await write(
      variable(2).getByRole('textbox', { name: 'Name' }),
      'NEW_TOKEN',
    );
    await review();

    const secret = variable(2).getByLabelText('Value');
    expect(secret).toBeInvalid();
    expect(secret).toHaveFocus();
    expect(
      dialog.getByText('Correct the 1 field that is marked.'),
    ).toBeInTheDocument();
    expect(wasiApi.planned).toEqual([]);

    await userEvent.type(secret, 'sesame');
    await review();
    await waitFor(() => expect(wasiApi.planned).toHaveLength(1));
    expect(wasiApi.planned[0]).toMatchObject({
      edit: {
        spec: {
          env: expect.arrayContaining([{ name: 'NEW_TOKEN', value: 'sesame' }]),
        },
      },
    });
  });

  it('keeps what comes from the cluster, and tells from where', async () => {
    const wasiApi = withHello();
    renderTab(wasiApi);
    const { variable } = await openForm();
    expect(
      variable(3).getByText('From Secret db, key password'),
    ).toBeInTheDocument();
    expect(variable(3).getAllByRole('textbox')).toHaveLength(1);
  });

  it.each([
    { field: 'Image', text: 'Not An Image' },
    { field: 'Memory, at most', text: 'a lot' },
    { field: 'CPU, requested', text: '-1' },
  ])('marks "$text" as $field and plans nothing', async ({ field, text }) => {
    const wasiApi = withHello();
    renderTab(wasiApi);
    const { dialog, review } = await openForm();
    await write(dialog.getByRole('textbox', { name: field }), text);
    expect(dialog.getByRole('textbox', { name: field })).toBeInvalid();
    await review();
    expect(dialog.getByRole('textbox', { name: field })).toHaveFocus();
    expect(wasiApi.planned).toEqual([]);
  });

  it('marks a variable whose name is none, and one that is there already', async () => {
    renderTab(withHello());
    const { dialog, variable } = await openForm();
    await userEvent.click(
      dialog.getByRole('button', { name: 'Add a variable' }),
    );
    const name = variable(6).getByRole('textbox', { name: 'Name' });
    expect(name).toBeInvalid();
    await userEvent.type(name, 'LOG_LEVEL');
    expect(name).toHaveAccessibleDescription(
      'There is one of this name already',
    );
    await write(name, 'COLOUR');
    expect(name).toBeValid();
  });

  it('shows volumes and leaves them', async () => {
    renderTab(withHello());
    const { dialog } = await openForm();
    expect(
      within(dialog.getByRole('group', { name: 'Volumes' })).getByRole('table'),
    ).toHaveTextContent('/etc/settings');
  });

  it('has nothing to review before anything is changed', async () => {
    renderTab(withHello());
    const { dialog } = await openForm();
    expect(
      dialog.getByRole('button', { name: 'Review changes' }),
    ).toBeDisabled();
    expect(dialog.getByText('Nothing is changed yet.')).toBeInTheDocument();
  });

  it('takes fields of others only where that is ticked', async () => {
    const wasiApi = withHello();
    wasiApi.plan = {
      ...rollbackPlan(NOW),
      conflicts: [
        {
          path: 'spec.image',
          kind: 'changed',
          before: image,
          after: 'registry.example.com/hello:2',
          owner: 'kubectl-edit',
          newOwner: 'backstage-wasi',
        },
      ],
      findings: [
        {
          code: 'IMAGE_NOT_ANONYMOUS',
          severity: 'error',
          message: 'The image cannot be pulled without signing in.',
          remedy: 'Make it public.',
        },
      ],
    };
    renderTab(wasiApi);
    const { dialog, review } = await openForm();
    await userEvent.click(
      dialog.getByRole('button', { name: 'Remove argument 1' }),
    );
    await review();

    const conflicts = await dialog.findByRole('table', {
      name: 'Fields of others',
    });
    expect(conflicts).toHaveTextContent(
      'Owned by kubectl-edit, after this by backstage-wasi',
    );
    expect(conflicts).toHaveTextContent('registry.example.com/hello:2');
    expect(
      dialog.getByText('The image cannot be pulled without signing in.'),
    ).toBeInTheDocument();
    const apply = dialog.getByRole('button', { name: 'Apply' });
    expect(apply).toBeDisabled();
    await userEvent.click(
      dialog.getByRole('checkbox', { name: 'Take these fields over' }),
    );
    await userEvent.click(apply);
    await waitFor(() =>
      expect(wasiApi.done).toMatchObject([{ basis: 'b1', force: true }]),
    );
  });

  it('goes back to the form with what was typed, and says why a plan fails', async () => {
    const wasiApi = withHello();
    wasiApi.plan = new WasiError('MODULE_INVALID', {
      message: 'The cluster refuses spec.resources.',
    });
    renderTab(wasiApi);
    const { dialog, review } = await openForm();
    await write(
      dialog.getByRole('textbox', { name: 'Memory, at most' }),
      '1Gi',
    );
    await review();
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'The cluster refuses spec.resources.',
    );
    expect(dialog.getByRole('button', { name: 'Apply' })).toBeDisabled();

    await userEvent.click(dialog.getByRole('button', { name: 'Back' }));
    expect(
      dialog.getByRole('textbox', { name: 'Memory, at most' }),
    ).toHaveValue('1Gi');
  });

  it('is not offered without the permission', async () => {
    renderTab(withHello(), { denied: ['wasi.module.update'] });
    // Comes with its own permission: by then all were answered.
    await screen.findByRole('button', { name: 'Delete' });
    expect(
      screen.queryByRole('button', { name: 'Edit' }),
    ).not.toBeInTheDocument();
  });
});
