import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  MODULES_CHANGED_CHANNEL,
  WasiError,
  type Deployment,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { deployments, rollbackPlan } from '../../__fixtures__/deployments';
import { progressingModule, readyModule } from '../../__fixtures__/modules';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { LocalSignals } from '../../__testUtils__/LocalSignals';
import { renderTab } from '../../__testUtils__/renderTab';

const NOW = Date.now();
const nothing = { items: [], problems: [], missing: [] };
const withHello = () =>
  new StoredWasiApi({ ...nothing, items: [readyModule(NOW)] });

const history = () => screen.findByRole('region', { name: 'Deployments' });
const rows = async () =>
  within(await screen.findByRole('table', { name: 'Deployments' }))
    .getAllByRole('row')
    .slice(1);
const rowOf = async (index: number) => within((await rows())[index]);
const openRollback = async (index: number) => {
  const row = await rowOf(index);
  await userEvent.click(
    await row.findByRole('button', { name: /^Roll back to this/ }),
  );
  return within(await screen.findByRole('dialog'));
};

describe('the history of a module', () => {
  it('tells who deployed what, when, from where, and how it ended', async () => {
    renderTab(withHello());
    const texts = (await rows()).map(row =>
      [...row.children].map(cell => cell.textContent),
    );
    expect(texts.map(([what]) => what)).toEqual([
      'Updatedjane, from a template',
      'Updatedplugin:wasi, from the catalog',
      'Updatedkubectl-client-side-apply, in the cluster itself',
      'Createdother/john, from a template',
    ]);
    expect(texts.map(cells => cells.slice(1, 4))).toEqual([
      ['Succeeded', '5f2b8d1f0b1c11.0 MiB', '5 min ago'],
      [
        'FailedThe image was not found in the registry.Check repository and tag, then deploy again.',
        'latest',
        '1 h ago',
      ],
      ['Superseded', '9d377b10ce77', '1 h ago'],
      ['Succeeded', 'aa17c0ffee0010.0 MiB', '2 d ago'],
    ]);
  });

  it('copies a digest in full', async () => {
    const user = userEvent.setup();
    const written = jest.spyOn(navigator.clipboard, 'writeText');
    renderTab(withHello());
    const row = await rowOf(0);
    await user.click(row.getByRole('button', { name: 'Copy digest' }));
    expect(written).toHaveBeenCalledWith(
      `sha256:${'5f2b8d1f0b1c'.padEnd(64, '0')}`,
    );
  });

  it('says so when nothing was deployed yet', async () => {
    const wasiApi = withHello();
    wasiApi.history = [[]];
    renderTab(wasiApi);
    expect(
      await within(await history()).findByText(/No deployment is known yet/),
    ).toBeInTheDocument();
  });

  it('shows why it cannot be read, and the module all the same', async () => {
    const wasiApi = withHello();
    wasiApi.history = new WasiError('BACKEND_UNREACHABLE', {
      message: 'The database does not answer.',
    });
    renderTab(wasiApi);
    expect(await within(await history()).findByRole('alert')).toHaveTextContent(
      'The database does not answer.',
    );
    expect(screen.getByRole('article', { name: 'hello' })).toBeInTheDocument();

    wasiApi.history = [deployments(NOW)];
    await userEvent.click(
      within(await history()).getByRole('button', { name: 'Try again' }),
    );
    expect(await rows()).toHaveLength(4);
  });

  it('is read page by page, back and forth', async () => {
    const [first, second, ...rest] = deployments(NOW);
    const wasiApi = withHello();
    wasiApi.history = [[first, second], rest];
    renderTab(wasiApi);
    expect(await rows()).toHaveLength(2);
    const region = within(await history());
    expect(region.getByRole('button', { name: 'Newer' })).toBeDisabled();
    await userEvent.click(region.getByRole('button', { name: 'Older' }));
    expect(
      await region.findByText('other/john', { exact: false }),
    ).toBeInTheDocument();
    expect(region.getByText('Page 2')).toBeInTheDocument();
    expect(region.getByRole('button', { name: 'Older' })).toBeDisabled();
    await userEvent.click(region.getByRole('button', { name: 'Newer' }));
    expect(
      await region.findByText('jane', { exact: false }),
    ).toBeInTheDocument();
  });

  it('is of the chosen module, or of all on demand', async () => {
    const cart = progressingModule(NOW);
    const ofCart: Deployment = {
      ...deployments(NOW)[0],
      id: 'c1',
      ref: cart.ref,
    };
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW), cart],
    });
    wasiApi.history = [[ofCart, ...deployments(NOW)]];
    renderTab(wasiApi);
    expect(await rows()).toHaveLength(4);
    await userEvent.click(
      screen.getByRole('switch', { name: 'All modules of this entity' }),
    );
    await waitFor(async () => expect(await rows()).toHaveLength(5));
    expect((await rows())[0]).toHaveTextContent('cartstaging / shop');
  });

  it('stays where the module is gone, to bring it back', async () => {
    const wasiApi = new StoredWasiApi({
      ...nothing,
      missing: [readyModule(NOW).ref],
    });
    renderTab(wasiApi);
    expect(await rows()).toHaveLength(4);
  });

  it('follows a deployment until it ends', async () => {
    const signals = new LocalSignals();
    const [newest, ...older] = deployments(NOW);
    const wasiApi = withHello();
    wasiApi.history = [[{ ...newest, state: 'running' }, ...older]];
    renderTab(wasiApi, { signals });
    expect((await rowOf(0)).getByText('Running')).toBeInTheDocument();

    wasiApi.history = [[newest, ...older]];
    act(() => signals.publish(MODULES_CHANGED_CHANNEL, { modules: [] }));
    await waitFor(async () =>
      expect((await rowOf(0)).getByText('Succeeded')).toBeInTheDocument(),
    );
  });
});

describe('the details of a deployment', () => {
  it('show what it changed, field by field, with both values', async () => {
    renderTab(withHello());
    const row = await rowOf(1);
    await userEvent.click(row.getByRole('button', { name: /^Details/ }));
    const dialog = within(await screen.findByRole('dialog'));
    expect(
      dialog.getByText('Check repository and tag, then deploy again.'),
    ).toBeInTheDocument();
    const table = await dialog.findByRole('table', {
      name: 'Changes to the deployment before',
    });
    expect(
      within(table)
        .getAllByRole('row')
        .slice(1)
        .map(one => [...one.children].map(cell => cell.textContent)),
    ).toEqual([
      [
        'spec.imageChanged',
        'localhost:7450/functions/hello:latest',
        'localhost:7450/functions/hello:latest',
      ],
      ['spec.env[GREETING].valueAdded', 'Not set', 'Hello there'],
      ['metadata.labels["team"]Removed', 'guests', 'Not set'],
    ]);
  });

  it('lead to the comparison with what runs', async () => {
    const wasiApi = withHello();
    renderTab(wasiApi);
    await userEvent.click(
      (await rowOf(3)).getByRole('button', { name: /^Details/ }),
    );
    await userEvent.click(
      within(await screen.findByRole('dialog')).getByRole('button', {
        name: 'Compare with what runs',
      }),
    );
    expect(await screen.findByText('Nothing differs.')).toBeInTheDocument();
    expect(wasiApi.done).toEqual([{ compare: 'd1', with: 'live' }]);
  });
});

describe('comparing two deployments', () => {
  it('takes two, the older one first, whichever was ticked first', async () => {
    const wasiApi = withHello();
    wasiApi.comparison = [
      { path: 'spec.image', kind: 'changed', before: 'old', after: 'new' },
    ];
    renderTab(wasiApi);
    const compare = await screen.findByRole('button', { name: 'Compare' });
    expect(compare).toBeDisabled();
    await userEvent.click((await rowOf(0)).getByRole('checkbox'));
    expect(compare).toBeDisabled();
    await userEvent.click((await rowOf(3)).getByRole('checkbox'));
    expect((await rowOf(1)).getByRole('checkbox')).toBeDisabled();
    await userEvent.click(compare);
    const dialog = within(await screen.findByRole('dialog'));
    expect(await dialog.findByText('old')).toBeInTheDocument();
    expect(wasiApi.done).toEqual([{ compare: 'd1', with: 'd4' }]);
  });
});

describe('rolling back', () => {
  it('shows what the cluster would change, and changes nothing before that is confirmed', async () => {
    const wasiApi = withHello();
    renderTab(wasiApi);
    const dialog = await openRollback(3);
    const table = await dialog.findByRole('table', {
      name: 'Changes of the module',
    });
    expect(table).toHaveTextContent('spec.image');
    expect(wasiApi.done).toEqual([]);
    await userEvent.click(dialog.getByRole('button', { name: 'Cancel' }));
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(wasiApi.done).toEqual([]);
  });

  it('is done once confirmed, and shown as running until it is ready', async () => {
    const wasiApi = withHello();
    renderTab(wasiApi);
    const dialog = await openRollback(3);
    const confirm = dialog.getByRole('button', { name: 'Roll back' });
    await waitFor(() => expect(confirm).toBeEnabled());
    const [newest, ...older] = deployments(NOW);
    wasiApi.history = [
      [
        {
          ...newest,
          id: 'd5',
          action: 'rollback',
          origin: 'portal',
          state: 'running',
        },
        newest,
        ...older,
      ],
    ];
    await userEvent.click(confirm);
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    expect(wasiApi.done).toEqual([{ rollBack: 'd1', basis: 'b1' }]);
    await waitFor(async () =>
      expect((await rows())[0]).toHaveTextContent(/Rolled back.*Running/),
    );
  });

  it('takes fields of others only where that is ticked', async () => {
    const wasiApi = withHello();
    wasiApi.plan = {
      ...rollbackPlan(NOW),
      conflicts: [
        {
          path: 'spec.env[LOG_LEVEL].value',
          kind: 'changed',
          before: 'debug',
          after: 'info',
          owner: 'argocd-controller',
          newOwner: 'backstage-wasi',
        },
      ],
      findings: [
        {
          code: 'RESOURCES_LIMIT_POD_ONLY',
          severity: 'warning',
          message: 'Resources limit the pod.',
          remedy: 'Leave room.',
        },
      ],
    };
    renderTab(wasiApi);
    const dialog = await openRollback(3);
    const conflicts = await dialog.findByRole('table', {
      name: 'Fields of others',
    });
    expect(conflicts).toHaveTextContent(
      'Owned by argocd-controller, after this by backstage-wasi',
    );
    expect(conflicts).toHaveTextContent(/debug.*info/);
    expect(dialog.getByText('Resources limit the pod.')).toBeInTheDocument();
    const confirm = dialog.getByRole('button', { name: 'Roll back' });
    expect(confirm).toBeDisabled();
    await userEvent.click(
      dialog.getByRole('checkbox', { name: 'Take these fields over' }),
    );
    await userEvent.click(confirm);
    await waitFor(() =>
      expect(wasiApi.done).toEqual([
        { rollBack: 'd1', basis: 'b1', force: true },
      ]),
    );
  });

  it('has nothing to confirm where nothing would change', async () => {
    const wasiApi = withHello();
    wasiApi.plan = { ...rollbackPlan(NOW), action: 'none', changes: [] };
    renderTab(wasiApi);
    const dialog = await openRollback(3);
    expect(
      await dialog.findByText('Nothing would change: this is what runs.'),
    ).toBeInTheDocument();
    expect(dialog.getByRole('button', { name: 'Roll back' })).toBeDisabled();
  });

  it('keeps the dialog and says why when it is refused', async () => {
    const wasiApi = withHello();
    wasiApi.refusal = new WasiError('PERMISSION_DENIED', {
      message: 'You need wasi.module.update on component:default/hello.',
    });
    renderTab(wasiApi);
    const dialog = await openRollback(3);
    const confirm = dialog.getByRole('button', { name: 'Roll back' });
    await waitFor(() => expect(confirm).toBeEnabled());
    await userEvent.click(confirm);
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'You need wasi.module.update',
    );
  });

  it('is not offered for what runs, nor for a deletion', async () => {
    const [newest, second, ...rest] = deployments(NOW);
    const wasiApi = withHello();
    wasiApi.history = [[newest, { ...second, action: 'delete' }, ...rest]];
    renderTab(wasiApi);
    const offer = { name: /^Roll back to this/ };
    expect(
      await (await rowOf(2)).findByRole('button', offer),
    ).toBeInTheDocument();
    expect((await rowOf(0)).queryByRole('button', offer)).toBeNull();
    expect((await rowOf(1)).queryByRole('button', offer)).toBeNull();
  });

  it('is not offered without the permission, and neither is a redeploy', async () => {
    renderTab(withHello(), { denied: ['wasi.module.update'] });
    // Comes with its own permission: by then all were answered.
    await screen.findByRole('button', { name: 'Delete' });
    expect(await rows()).toHaveLength(4);
    expect(
      screen.queryByRole('button', { name: /^Roll back/ }),
    ).not.toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Redeploy' }),
    ).not.toBeInTheDocument();
  });
});

describe('redeploying', () => {
  const open = async () => {
    await userEvent.click(
      await screen.findByRole('button', { name: 'Redeploy' }),
    );
    const dialog = within(await screen.findByRole('dialog'));
    return {
      dialog,
      confirm: dialog.getByRole('button', { name: 'Redeploy' }),
    };
  };

  it('shows what changes, and does exactly that', async () => {
    const wasiApi = withHello();
    renderTab(wasiApi);
    const { dialog, confirm } = await open();
    expect(
      await dialog.findByRole('table', { name: 'Changes of the module' }),
    ).toHaveTextContent('spec.image');
    expect(wasiApi.done).toEqual([]);

    await userEvent.click(confirm);
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    const redeploy = 'local/default/hello';
    const at = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(wasiApi.planned).toEqual([{ redeploy, at }]);
    expect(wasiApi.done).toEqual([{ ...wasiApi.planned[0], basis: 'b1' }]);
  });

  it('is planned again where somebody was quicker, and asks once more', async () => {
    const wasiApi = withHello();
    wasiApi.refusal = new WasiError('MODULE_CONFLICT', {
      message: 'hello was changed since this was planned.',
    });
    renderTab(wasiApi);
    const { dialog, confirm } = await open();
    await waitFor(() => expect(confirm).toBeEnabled());
    wasiApi.plan = {
      ...rollbackPlan(NOW),
      basis: 'b2',
      conflicts: [
        {
          path: 'spec.env[LOG_LEVEL].value',
          kind: 'changed',
          before: 'debug',
          after: 'info',
          owner: 'kubectl-edit',
          newOwner: 'backstage-wasi',
        },
      ],
    };
    await userEvent.click(confirm);

    expect(await dialog.findByRole('alert')).toHaveTextContent(
      'The module was changed in the meantime',
    );
    expect(
      await dialog.findByRole('table', { name: 'Fields of others' }),
    ).toHaveTextContent('kubectl-edit');
    expect(confirm).toBeDisabled();
    delete wasiApi.refusal;
    await userEvent.click(
      dialog.getByRole('checkbox', { name: 'Take these fields over' }),
    );
    await userEvent.click(confirm);
    await waitFor(() =>
      expect(wasiApi.done).toMatchObject([{ basis: 'b2', force: true }]),
    );
  });
});
