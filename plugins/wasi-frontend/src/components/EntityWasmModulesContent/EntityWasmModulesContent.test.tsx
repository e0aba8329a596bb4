import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  MASKED_VALUE,
  MODULES_CHANGED_CHANNEL,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { failedModule, readyModule } from '../../__fixtures__/modules';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { LocalSignals } from '../../__testUtils__/LocalSignals';
import { renderTab } from '../../__testUtils__/renderTab';

const NOW = Date.now();
const nothing = { items: [], problems: [], missing: [] };

const region = (name: string) => screen.findByRole('region', { name });
const cells = (table: HTMLElement) =>
  within(table)
    .getAllByRole('row')
    .slice(1)
    .map(row => [...row.children].map(cell => cell.textContent));

describe('the tab before there is data', () => {
  it('says that it is loading', async () => {
    renderTab(new StoredWasiApi(new Promise(() => {})));
    expect(
      await screen.findByText('Loading the modules of this entity'),
    ).toBeInTheDocument();
    expect(screen.queryByRole('article')).not.toBeInTheDocument();
  });

  it('shows a failure with code, message and remedy, and tries again on demand', async () => {
    const wasiApi = new StoredWasiApi(
      new WasiError('CLUSTER_NOT_CONFIGURED', {
        message: 'This portal has no cluster.',
      }),
    );
    renderTab(wasiApi);
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('No cluster is configured');
    expect(alert).toHaveTextContent('This portal has no cluster.');
    expect(alert).toHaveTextContent(
      'Configure kubernetes.clusterLocatorMethods or wasi.kubeconfig.',
    );
    expect(alert).toHaveTextContent('CLUSTER_NOT_CONFIGURED');
    expect(screen.queryByRole('article')).not.toBeInTheDocument();

    wasiApi.list = { ...nothing, items: [readyModule(NOW)] };
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('article', { name: 'hello' }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it.each([
    {
      what: 'nothing is deployed',
      list: nothing,
      heading: 'No WebAssembly module yet',
    },
    {
      what: 'the entity names no module',
      list: new WasiError('ENTITY_NOT_LINKED', { message: 'Not linked.' }),
      heading: 'This entity names no WebAssembly module',
    },
  ])('tells what to do next when $what', async ({ list, heading }) => {
    renderTab(new StoredWasiApi(list));
    const empty = await region(heading);
    expect(empty).toHaveTextContent('wasm.serving.knative.dev/module: hello');
    expect(
      within(empty).getByRole('link', {
        name: 'Create a function from a template',
      }),
    ).toHaveAttribute('href', '/create');
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });
});

describe('the tab of a module', () => {
  it('shows health, address and what the image holds', async () => {
    renderTab(new StoredWasiApi({ ...nothing, items: [readyModule(NOW)] }));
    const health = await region('Health');
    expect(within(health).getByText('Ready')).toBeInTheDocument();
    expect(
      within(health).getByRole('link', { name: /http:\/\/localhost:7500\// }),
    ).toHaveAttribute('href', 'http://localhost:7500/');

    const module = await region('Module');
    expect(
      await within(module).findByText('11.0 MiB (4.2 MiB compressed)'),
    ).toBeInTheDocument();
    expect(module).toHaveTextContent(/Kept as\s*CNCF Wasm artifact/);
    expect(module).toHaveTextContent(/Component.*0\.2\.3.*Answers HTTP/);
    expect(
      within(module).getByRole('img', {
        name: 'Sections of the module by size: code 64 %, data 29 %, custom:name 5 %, function < 1 %, element < 1 %, type < 1 %, 2 other sections < 1 %',
      }),
    ).toBeInTheDocument();
    expect(
      cells(
        within(module).getByRole('table', { name: 'What takes the space' }),
      ).slice(0, 2),
    ).toEqual([
      ['code', '7.0 MiB', '64 %'],
      ['data', '3.2 MiB', '29 %'],
    ]);
    await userEvent.click(
      within(module).getByRole('button', { name: 'Exports (1)' }),
    );
    expect(
      within(module).getByText('wasi:http/incoming-handler@0.2.3'),
    ).toBeVisible();
  });

  it('shows why a module failed and what to do', async () => {
    renderTab(new StoredWasiApi({ ...nothing, items: [failedModule(NOW)] }));
    const health = await region('Health');
    expect(within(health).getByText('Failed')).toBeInTheDocument();
    expect(within(health).getAllByText('ImagePullFailed')).toHaveLength(1);
    expect(health).toHaveTextContent(
      'Check repository and tag, then deploy again.',
    );
    expect(health).toHaveTextContent('The module has no address yet.');

    expect(cells(screen.getByRole('table', { name: 'Conditions' }))).toEqual([
      [
        'Ready',
        'False',
        'ImagePullFailedmanifest unknown: functions/orders:latestCheck repository and tag, then deploy again.',
        expect.stringMatching(/^\d+ s ago$/),
      ],
      [
        'ServiceReady',
        'Unknown',
        'Deploying',
        expect.stringMatching(/^\d+ s ago$/),
      ],
    ]);
  });

  it('never shows a secret: masked values and references are named only', async () => {
    renderTab(new StoredWasiApi({ ...nothing, items: [readyModule(NOW)] }));
    const table = await screen.findByRole('table', { name: 'Environment' });
    expect(cells(table)).toEqual([
      ['LOG_LEVEL', 'info'],
      ['API_TOKEN', 'Hidden, looks like a secret'],
      ['DB_PASSWORD', 'From Secret db, key password'],
      ['THEME', 'From ConfigMap settings, key theme'],
      ['PREFIX', 'Empty'],
    ]);
    expect(table).not.toHaveTextContent(MASKED_VALUE);
  });

  it('shows network rules with their risk, and DNS as declared and as it is', async () => {
    renderTab(new StoredWasiApi({ ...nothing, items: [readyModule(NOW)] }));
    const network = await region('Network permissions');
    expect(
      cells(within(network).getByRole('table', { name: 'Rules' })),
    ).toEqual([
      ['Connect over TCP', 'db.example.com:5432', 'Exact'],
      ['Connect over TCP', '10.0.0.7:*', 'Any port of a host'],
      ['Connect over TCP', '*:443', expect.stringMatching(/^Any host/)],
      ['Listen on UDP', '*:*', expect.stringMatching(/^Everything/)],
    ]);
    expect(network).toHaveTextContent('DNS lookup, in effectAllowed');
    expect(network).toHaveTextContent('DNS lookup, declaredNot allowed');
    expect(network).toHaveTextContent('Outgoing HTTP is not limited');
  });

  it('warns where all network access is allowed', async () => {
    renderTab(new StoredWasiApi({ ...nothing, items: [failedModule(NOW)] }));
    expect(await region('Network permissions')).toHaveTextContent(
      'All network access is allowed (inherit)',
    );
  });

  it('shows arguments, volumes, resources, events, log and YAML', async () => {
    renderTab(new StoredWasiApi({ ...nothing, items: [readyModule(NOW)] }));
    const configuration = await region('Configuration');
    expect(
      within(configuration)
        .getAllByRole('listitem')
        .map(item => item.textContent),
    ).toEqual(['--greeting', 'Hello there']);
    expect(
      cells(within(configuration).getByRole('table', { name: 'Volumes' })),
    ).toEqual([
      ['settings', 'configMap hello-settings', '/etc/settings, read-only'],
      ['scratch', 'emptyDir', 'Not mounted'],
    ]);
    expect(
      cells(within(configuration).getByRole('table', { name: 'Resources' })),
    ).toEqual([
      ['cpu', '100m', ''],
      ['memory', '128Mi', '512Mi'],
    ]);
    expect(cells(screen.getByRole('table', { name: 'Recent events' }))).toEqual(
      [
        ['BackOff', 'Back-off restarting the runner (3 times)', '4 min ago'],
        ['Created', 'Created Service default/hello', '4 min ago'],
      ],
    );
    expect(
      await screen.findByRole('log', { name: 'Last log lines of hello' }),
    ).toHaveTextContent('GET / 200 3 ms');
    expect(
      screen.getByRole('region', { name: 'YAML of hello' }),
    ).toHaveTextContent('kind: WasmModule');
  });

  it('shows findings with their remedies, worst first, and those of the network once', async () => {
    const view = readyModule(NOW);
    renderTab(
      new StoredWasiApi({
        ...nothing,
        items: [
          {
            ...view,
            findings: [
              ...view.findings,
              {
                code: 'NETWORK_PATTERN_BROAD',
                severity: 'warning',
                message: 'Network pattern "*:*" is broad.',
                remedy: 'Name the hosts.',
                path: 'spec.network.udp.bind[0]',
              },
            ],
          },
        ],
      }),
    );
    const findings = await region('Findings');
    expect(
      within(findings)
        .getAllByRole('listitem')
        .map(item => item.textContent),
    ).toEqual([
      expect.stringMatching(
        /^Warning: The runner does not resolve DB_PASSWORD.*Mount the Secret as a volume/,
      ),
      expect.stringMatching(/^Note: Resources limit the pod/),
    ]);
  });
});

describe('following changes', () => {
  it('shows a change within a second of its signal', async () => {
    const signals = new LocalSignals();
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    renderTab(wasiApi, { signals });
    expect(within(await region('Health')).getByText('Ready')).toBeVisible();

    const failed = failedModule(NOW);
    wasiApi.list = {
      ...nothing,
      items: [{ ...failed, ref: readyModule(NOW).ref }],
    };
    act(() =>
      signals.publish(MODULES_CHANGED_CHANNEL, {
        modules: ['local/default/hello'],
      }),
    );
    expect(
      await within(await region('Health')).findByText('Failed'),
    ).toBeVisible();
    expect(
      screen.getByText(
        'hello: Failed. The image localhost:7450/functions/orders:latest was not found.',
      ),
    ).toHaveAttribute('role', 'status');
  });

  it('keeps showing what was known when the backend stops answering', async () => {
    const signals = new LocalSignals();
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    renderTab(wasiApi, { signals });
    await screen.findByRole('article', { name: 'hello' });

    wasiApi.list = new WasiError('BACKEND_UNREACHABLE', {
      message: 'The connection failed.',
    });
    act(() => signals.publish(MODULES_CHANGED_CHANNEL, { modules: [] }));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /Showing what was known \d+ s ago.*The connection failed\./,
    );
    expect(screen.getByRole('article', { name: 'hello' })).toBeInTheDocument();
  });
});

describe('the events of a module', () => {
  it('are not called none where they could not be read', async () => {
    renderTab(
      new StoredWasiApi({
        ...nothing,
        items: [
          {
            ...readyModule(NOW),
            events: [],
            findings: [
              {
                code: 'CLUSTER_FORBIDDEN',
                severity: 'info',
                path: 'events',
                message: 'Events are missing: they may not be read.',
                remedy: 'Grant list on events.',
              },
            ],
          },
        ],
      }),
    );
    const events = await region('Recent events');
    expect(events).toHaveTextContent(
      'Events are missing: they may not be read.',
    );
    expect(events).not.toHaveTextContent('has no events');
    expect(
      screen.queryByRole('region', { name: 'Findings' }),
    ).not.toBeInTheDocument();
  });
});

describe('the source of a module', () => {
  it('is one step away', async () => {
    renderTab(new StoredWasiApi({ ...nothing, items: [readyModule(NOW)] }));
    expect(
      await screen.findByRole('link', { name: /^Source code/ }),
    ).toHaveAttribute('href', 'https://git.example.com/f/hello/');
  });
});
