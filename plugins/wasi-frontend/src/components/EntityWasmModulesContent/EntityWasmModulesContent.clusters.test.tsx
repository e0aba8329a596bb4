import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  backendInfo,
  failedModule,
  progressingModule,
  readyModule,
} from '../../__fixtures__/modules';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { renderTab } from '../../__testUtils__/renderTab';

const NOW = Date.now();
const nothing = { items: [], problems: [], missing: [] };

const region = (name: string) => screen.findByRole('region', { name });

describe('several modules', () => {
  const list = {
    items: [failedModule(NOW), readyModule(NOW), progressingModule(NOW)],
    problems: [
      {
        cluster: 'edge',
        code: 'CLUSTER_UNREACHABLE' as const,
        message: 'edge did not answer.',
        remedy: 'Start edge.',
      },
    ],
    missing: [{ cluster: 'local', namespace: 'default', name: 'mailer' }],
  };

  it('are listed with their health, and one is chosen at a time', async () => {
    renderTab(new StoredWasiApi(list));
    const modules = await screen.findByRole('navigation', { name: 'Modules' });
    expect(
      within(modules)
        .getAllByRole('button')
        .map(button => button.textContent),
    ).toEqual([
      'ordersdefaultFailedVersion latest',
      'hellodefaultReadyVersion 5f2b8d1f0b1cCreated 2 h ago',
      'cartshopIn progressVersion 1.2.0',
    ]);
    expect(screen.getByRole('article', { name: 'orders' })).toBeInTheDocument();

    await userEvent.click(
      within(modules).getByRole('button', { name: /cart/ }),
    );
    expect(screen.getByRole('article', { name: 'cart' })).toBeInTheDocument();
    expect(
      screen.queryByRole('article', { name: 'orders' }),
    ).not.toBeInTheDocument();
    expect(
      within(modules).getByRole('button', { current: true }),
    ).toHaveTextContent('cart');
  });

  it('stand in a lane per cluster, and a dead cluster speaks in its own lane alone', async () => {
    renderTab(new StoredWasiApi(list));
    const edge = await region('Cluster edge');
    const alert = screen.getByRole('alert');
    expect(edge).toContainElement(alert);
    expect(alert).toHaveTextContent('edge did not answer.');
    expect(alert).toHaveTextContent('Start edge.');
    expect(within(edge).queryByRole('button')).not.toBeInTheDocument();
    expect(
      within(await region('Cluster local'))
        .getAllByRole('listitem')
        .map(item => item.textContent),
    ).toEqual([
      expect.stringContaining('Failed'),
      expect.stringContaining('Ready'),
      'mailerdefaultMissing',
    ]);
    expect(await region('Cluster staging')).toHaveTextContent('cart');
    expect(screen.getByText('local/default/mailer')).toBeInTheDocument();
  });

  it.each([
    {
      runs: 'one version',
      image: readyModule(NOW).module.spec.image,
      text: 'hello: all 2 modules run version 5f2b8d1f0b1c.',
    },
    {
      runs: 'two versions',
      image: `localhost:7450/functions/hello@sha256:${'b'.repeat(64)}`,
      text: 'hello: 2 versions run side by side.',
    },
  ])('say that the environments run $runs', async ({ image, text }) => {
    const view = readyModule(NOW);
    const other = {
      ...view,
      ref: { ...view.ref, cluster: 'production' },
      module: { ...view.module, spec: { ...view.module.spec, image } },
    };
    renderTab(new StoredWasiApi({ ...nothing, items: [view, other] }));
    expect(
      await screen.findByRole('navigation', { name: 'Modules' }),
    ).toHaveTextContent(text);
  });
});

describe('as whom a cluster is called', () => {
  it.each([
    {
      identity: { kind: 'impersonation', name: 'jane' },
      text: 'Called as you, jane, by impersonation',
    },
    {
      identity: { kind: 'user-token' },
      text: 'Called as you, by your own token',
    },
    {
      identity: {
        kind: 'service-account',
        name: 'system:serviceaccount:backstage:backstage',
      },
      text: "Called as the portal's account system:serviceaccount:backstage:backstage",
    },
  ] as const)('is said of $identity.kind', async ({ identity, text }) => {
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    wasiApi.info = { ...backendInfo, clusters: [{ name: 'local', identity }] };
    renderTab(wasiApi);
    expect(
      await within(await region('Health')).findByText(text),
    ).toBeInTheDocument();
  });

  it('is said in the lane of each cluster', async () => {
    const view = readyModule(NOW);
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [view, progressingModule(NOW)],
    });
    wasiApi.info = {
      ...backendInfo,
      clusters: [
        { name: 'local', identity: { kind: 'impersonation', name: 'jane' } },
        { name: 'staging', identity: { kind: 'service-account' } },
      ],
    };
    renderTab(wasiApi);
    await waitFor(async () =>
      expect(await region('Cluster local')).toHaveTextContent(
        'Called as you, jane, by impersonation',
      ),
    );
    expect(await region('Cluster staging')).toHaveTextContent(
      "Called as the portal's account",
    );
  });

  it('is left open where the backend does not say, and the page works', async () => {
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    wasiApi.info = new WasiError('BACKEND_UNREACHABLE', { message: 'Gone.' });
    renderTab(wasiApi);
    expect(await region('Health')).not.toHaveTextContent('Called as');
    expect(screen.queryByText('Gone.')).not.toBeInTheDocument();
  });
});

describe('the age of what is shown', () => {
  it('is said, and no cause for alarm while the cluster is heard', async () => {
    renderTab(new StoredWasiApi({ ...nothing, items: [readyModule(NOW)] }));
    expect(
      await screen.findByText(/^Cluster heard from \d+ s ago$/),
    ).toBeInTheDocument();
  });

  it('is a warning where the cluster was not heard for minutes', async () => {
    const view = readyModule(NOW);
    const observedAt = new Date(NOW - 600_000).toISOString();
    renderTab(
      new StoredWasiApi({ ...nothing, items: [{ ...view, observedAt }] }),
    );
    expect(
      await screen.findByText(/The cluster was heard from 10 min ago/),
    ).toBeInTheDocument();
  });

  it('does not call a module that is scaled to zero broken', async () => {
    const view = readyModule(NOW);
    renderTab(
      new StoredWasiApi({
        ...nothing,
        items: [
          {
            ...view,
            health: {
              state: 'idle',
              message: 'Scaled to zero: the first request takes longer.',
            },
          },
        ],
      }),
    );
    const health = await region('Health');
    expect(within(health).getByText('Idle (scaled to zero)')).toBeVisible();
    expect(health).toHaveTextContent('the first request takes longer');
    expect(health).toHaveTextContent('Send a request below');
    expect(health).not.toHaveTextContent('Read the log');
  });
});
