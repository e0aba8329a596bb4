import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { readyModule } from '../../__fixtures__/modules';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { renderTab } from '../../__testUtils__/renderTab';

const withHello = () =>
  new StoredWasiApi({
    items: [readyModule(Date.now())],
    problems: [],
    missing: [],
  });

const log = () => screen.findByRole('log', { name: 'Last log lines of hello' });
const follow = async () =>
  userEvent.click(await screen.findByRole('switch', { name: 'Follow' }));

describe('the log of a module', () => {
  it('shows lines as they are written, and who wrote them', async () => {
    const wasiApi = withHello();
    wasiApi.stream = [
      {
        line: 'pulled the image',
        at: '2026-11-01T10:00:00Z',
        source: 'runner',
      },
    ];
    renderTab(wasiApi);
    await follow();
    await waitFor(async () =>
      expect(await log()).toHaveTextContent('runner pulled the image'),
    );
    expect(screen.getByText('Following the log')).toBeInTheDocument();
    act(() =>
      wasiApi.streams.forEach(({ onLine }) =>
        onLine({
          line: 'GET / 200',
          at: '2026-11-01T10:00:01Z',
          source: 'module',
        }),
      ),
    );
    await waitFor(async () =>
      expect(await log()).toHaveTextContent(
        /^runner pulled the imageGET \/ 200$/,
      ),
    );
  });

  it('keeps what was read when it is paused, and lets the connection go', async () => {
    const wasiApi = withHello();
    wasiApi.stream = [{ line: 'first', at: '2026-11-01T10:00:00Z' }];
    renderTab(wasiApi);
    await follow();
    await waitFor(async () => expect(await log()).toHaveTextContent('first'));
    expect(wasiApi.streams.size).toBe(1);
    await follow();
    expect(await screen.findByText('Paused')).toBeInTheDocument();
    await waitFor(() => expect(wasiApi.streams.size).toBe(0));
    expect(await log()).toHaveTextContent('first');
    await userEvent.click(
      within(await screen.findByRole('region', { name: 'Log' })).getByRole(
        'button',
        { name: 'Refresh' },
      ),
    );
    await waitFor(async () =>
      expect(await log()).toHaveTextContent('GET / 200 3 ms'),
    );
  });

  it('lets the connection go with the page', async () => {
    const wasiApi = withHello();
    const { unmount } = renderTab(wasiApi);
    await follow();
    await waitFor(() => expect(wasiApi.streams.size).toBe(1));
    unmount();
    await waitFor(() => expect(wasiApi.streams.size).toBe(0));
  });

  it('says why it cannot be followed', async () => {
    const wasiApi = withHello();
    wasiApi.stream = new WasiError('PERMISSION_DENIED', {
      message: 'You need wasi.module.logs on component:default/hello.',
    });
    renderTab(wasiApi);
    await follow();
    const region = within(await screen.findByRole('region', { name: 'Log' }));
    expect(await region.findByRole('alert')).toHaveTextContent(
      'You need wasi.module.logs',
    );
  });

  it('is not read without the permission, which is named', async () => {
    const wasiApi = withHello();
    wasiApi.getLogs = jest.fn();
    renderTab(wasiApi, { denied: ['wasi.module.logs'] });
    const region = await screen.findByRole('region', { name: 'Log' });
    expect(
      await within(region).findByText('wasi.module.logs'),
    ).toBeInTheDocument();
    expect(within(region).queryByRole('switch')).not.toBeInTheDocument();
    expect(wasiApi.getLogs).not.toHaveBeenCalled();
  });
});
