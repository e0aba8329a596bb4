import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  ANNOTATION_AUTO_DEPLOY,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { syncView } from '../../__fixtures__/deployments';
import { readyModule } from '../../__fixtures__/modules';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { renderTab } from '../../__testUtils__/renderTab';

const NOW = Date.now();
const asked = { annotations: { [ANNOTATION_AUTO_DEPLOY]: 'true' } };
const withHello = () =>
  new StoredWasiApi({ items: [readyModule(NOW)], problems: [], missing: [] });

const panel = () =>
  screen.findByRole('region', { name: 'Deploys from the catalog' });

describe('deploys from the catalog', () => {
  it('show each environment with its state, source and mode', async () => {
    renderTab(withHello(), asked);
    const inStep = await screen.findByRole('region', { name: 'hello' });
    expect(inStep).toHaveTextContent('In step');
    expect(inStep).toHaveTextContent('Applies changes of the source');
    expect(inStep).toHaveTextContent('Commit 4be1c2d0a1b2');
    expect(inStep).toHaveTextContent('Last run2 min ago');
    expect(inStep).toHaveTextContent(/Next runIn [23] min/);
    expect(
      within(inStep).getByRole('link', { name: /func\.yaml/ }),
    ).toHaveAttribute(
      'href',
      'https://git.example.com/functions/hello/func.yaml',
    );
  });

  it('link the overlay of an environment, beside what it is laid over', async () => {
    const wasiApi = withHello();
    const view = syncView(NOW);
    const overlay = 'https://git.example.com/functions/hello/func.prod.yaml';
    wasiApi.sync = {
      ...view,
      targets: view.targets.map(target => ({
        ...target,
        source: { ...target.source, overlay },
      })),
    };
    renderTab(wasiApi, asked);
    const inStep = await screen.findByRole('region', { name: 'hello' });
    expect(
      within(inStep)
        .getAllByRole('link', { name: /func\.(prod\.)?yaml/ })
        .map(link => link.getAttribute('href')),
    ).toEqual(['https://git.example.com/functions/hello/func.yaml', overlay]);
  });

  it('leave out what is not known before the first run', async () => {
    const wasiApi = withHello();
    const view = syncView(NOW);
    wasiApi.sync = {
      ...view,
      targets: [
        {
          ...view.targets[0],
          ref: { cluster: '', namespace: '', name: 'hello' },
          state: 'unknown',
          message: 'Not looked at yet.',
          source: { url: '' },
        },
      ],
    };
    renderTab(wasiApi, asked);
    const shown = await panel();
    expect(shown).toHaveTextContent('Not looked at yet.');
    expect(shown).toHaveTextContent(/Modulehello/);
    expect(shown).not.toHaveTextContent('Source');
  });

  it('show what differs both ways, who owns it, and the pull request', async () => {
    renderTab(withHello(), asked);
    const production = await screen.findByRole('region', {
      name: 'Environment production',
    });
    expect(production).toHaveTextContent('Differs');
    expect(production).toHaveTextContent('Managed by argocd-controller');
    expect(
      within(production).getByRole('link', { name: /pull\/7/ }),
    ).toBeInTheDocument();
    await userEvent.click(
      within(production).getByRole('button', {
        name: '1 field differs from the source',
      }),
    );
    const drift = within(production).getByRole('table', {
      name: 'Differences of hello',
    });
    expect(
      within(drift)
        .getAllByRole('columnheader')
        .map(header => header.textContent),
    ).toEqual(['Field', 'Runs now', 'In the source']);
    expect(drift).toHaveTextContent(/hello:1\.1\.0.*hello:1\.2\.0/);
  });

  it('say why a run failed and what to do', async () => {
    const wasiApi = withHello();
    const view = syncView(NOW);
    wasiApi.sync = {
      ...view,
      targets: [
        {
          ...view.targets[0],
          state: 'failed',
          message: 'func.yaml was not found.',
          code: 'FUNC_YAML_INVALID',
          remedy: 'Push it.',
        },
      ],
    };
    renderTab(wasiApi, asked);
    const alert = await within(await panel()).findByRole('alert');
    expect(alert).toHaveTextContent('func.yaml was not found.');
    expect(alert).toHaveTextContent('Push it.');
  });

  it('are suspended with a reason that others read, and resumed', async () => {
    const wasiApi = withHello();
    renderTab(wasiApi, asked);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Suspend' }),
    );
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.type(
      dialog.getByRole('textbox', { name: 'Reason' }),
      'Release freeze{enter}',
    );
    expect(await screen.findByText('Suspended by jane')).toBeInTheDocument();
    expect(screen.getByText('Release freeze')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Run now' })).toBeNull();

    await userEvent.click(screen.getByRole('button', { name: 'Resume' }));
    expect(
      await screen.findByRole('button', { name: 'Run now' }),
    ).toBeInTheDocument();
    expect(wasiApi.done).toEqual([
      { suspend: true, reason: 'Release freeze' },
      { resume: true },
    ]);
  });

  it('run on demand', async () => {
    const wasiApi = withHello();
    renderTab(wasiApi, asked);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Run now' }),
    );
    await waitFor(() => expect(wasiApi.done).toEqual([{ run: true }]));
  });

  it('say why a change of them was refused', async () => {
    const wasiApi = withHello();
    wasiApi.syncRefusal = new WasiError('PERMISSION_DENIED', {
      message: 'You need wasi.module.update on component:default/hello.',
    });
    renderTab(wasiApi, asked);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Run now' }),
    );
    expect(await within(await panel()).findByRole('alert')).toHaveTextContent(
      'You need wasi.module.update',
    );
  });

  it('are read without the permission to change them, and have no buttons then', async () => {
    renderTab(withHello(), { ...asked, denied: ['wasi.module.update'] });
    await screen.findByRole('button', { name: 'Delete' });
    expect(
      await within(await panel()).findByText('In step'),
    ).toBeInTheDocument();
    for (const name of ['Suspend', 'Resume', 'Run now']) {
      expect(screen.queryByRole('button', { name })).not.toBeInTheDocument();
    }
  });

  it.each([
    { why: 'the entity does not ask for them', options: {}, enabled: true },
    { why: 'the entity turns them off', options: asked, enabled: false },
  ])('are not on the page where $why', async ({ options, enabled }) => {
    const wasiApi = withHello();
    wasiApi.sync = { enabled, findings: [], targets: [] };
    renderTab(wasiApi, options);
    await screen.findByRole('article', { name: 'hello' });
    await waitFor(() =>
      expect(
        screen.queryByRole('region', { name: 'Deploys from the catalog' }),
      ).not.toBeInTheDocument(),
    );
  });

  it('say what is wrong with what the entity asks for', async () => {
    const wasiApi = withHello();
    wasiApi.sync = {
      enabled: false,
      targets: [],
      findings: [
        {
          code: 'FUNC_YAML_INVALID',
          severity: 'error',
          message: 'The entity asks for deploys and has no source location.',
          remedy: 'Register it from a repository.',
        },
      ],
    };
    renderTab(wasiApi, asked);
    expect(
      await within(await panel()).findByText(/has no source location/),
    ).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Run now' })).toBeNull();
  });
});
