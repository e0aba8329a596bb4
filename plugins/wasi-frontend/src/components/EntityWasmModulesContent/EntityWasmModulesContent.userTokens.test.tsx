import type { AuthRequestOptions } from '@backstage/frontend-plugin-api';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  MODULES_CHANGED_CHANNEL,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { act } from 'react';
import { backendInfo, readyModule } from '../../__fixtures__/modules';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { LocalSignals } from '../../__testUtils__/LocalSignals';
import { renderTab } from '../../__testUtils__/renderTab';
import { WasiClient } from '../../apis';

const NOW = Date.now();
const empty = { items: [], problems: [], missing: [] };
const hello = readyModule(NOW);
const onGke = { ...hello, ref: { ...hello.ref, cluster: 'gke' } };
const wanting = {
  ...empty,
  userTokens: [{ cluster: 'gke', provider: 'google', expected: true }],
};
const signedOut = new WasiError('CLUSTER_TOKEN_MISSING', {
  message: 'Cluster "gke" shows its modules only to users.',
  remedy: 'Sign in to google to see them.',
});

const button = { name: 'Sign in to gke' };

describe("a cluster that takes only users' own tokens", () => {
  it('shows its modules to who is signed in, and asks for nothing', async () => {
    const wasiApi = new StoredWasiApi(wanting);
    wasiApi.lanes.gke = { ...empty, items: [onGke] };
    renderTab(wasiApi);
    expect(
      await screen.findByRole('article', { name: 'hello' }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('button', button)).not.toBeInTheDocument();
    expect(wasiApi.signedIn).toEqual([]);
  });

  it('asks who is signed out to sign in, and shows its modules then', async () => {
    const wasiApi = new StoredWasiApi(wanting);
    wasiApi.lanes.gke = signedOut;
    wasiApi.lanesOnceSignedIn.gke = { ...empty, items: [onGke] };
    renderTab(wasiApi);
    const ask = await screen.findByRole('button', button);
    expect(
      screen.getByText('Sign in to see the modules of gke'),
    ).toBeInTheDocument();
    expect(
      screen.queryByText('No WebAssembly module yet'),
    ).not.toBeInTheDocument();
    // Nothing opens before that.
    expect(wasiApi.signedIn).toEqual([]);

    await userEvent.click(ask);
    expect(
      await screen.findByRole('article', { name: 'hello' }),
    ).toBeInTheDocument();
    expect(wasiApi.signedIn).toEqual(['gke']);
    expect(screen.queryByRole('button', button)).not.toBeInTheDocument();
  });

  it('stands in a lane beside the others, by its title', async () => {
    const wasiApi = new StoredWasiApi({ ...wanting, items: [hello] });
    wasiApi.lanes.gke = signedOut;
    wasiApi.info = {
      ...backendInfo,
      clusters: [{ name: 'gke', title: 'Belgium' }],
    };
    renderTab(wasiApi);
    const lane = await screen.findByRole('region', { name: 'Cluster Belgium' });
    expect(
      within(lane).getByRole('button', { name: 'Sign in to Belgium' }),
    ).toBeInTheDocument();
    expect(screen.getByRole('article', { name: 'hello' })).toBeInTheDocument();
  });

  it('keeps the button, and says why, when the user refuses', async () => {
    const wasiApi = new StoredWasiApi(wanting);
    wasiApi.lanes.gke = signedOut;
    wasiApi.signInRefusal = new WasiError('CLUSTER_TOKEN_MISSING', {
      message: 'Signing in to google did not succeed.',
    });
    renderTab(wasiApi);
    await userEvent.click(await screen.findByRole('button', button));
    expect(
      await screen.findByText('Signing in to google did not succeed.'),
    ).toBeInTheDocument();
    expect(screen.getByRole('button', button)).toBeEnabled();
  });

  it('says what is wrong with it in its own place', async () => {
    const wasiApi = new StoredWasiApi({ ...wanting, items: [hello] });
    wasiApi.lanes.gke = new WasiError('BACKEND_UNREACHABLE', {
      message: 'gke is silent.',
    });
    renderTab(wasiApi);
    expect(
      await within(
        await screen.findByRole('region', { name: 'Cluster gke' }),
      ).findByText('gke is silent.'),
    ).toBeInTheDocument();
    expect(screen.getByRole('article', { name: 'hello' })).toBeInTheDocument();
  });

  it('holds up no other while it does not answer', async () => {
    const wasiApi = new StoredWasiApi({ ...wanting, items: [hello] });
    wasiApi.lanes.gke = new Promise(() => {});
    renderTab(wasiApi);
    expect(
      await screen.findByRole('article', { name: 'hello' }),
    ).toBeInTheDocument();
  });

  it('is left when the entity has nothing to do with it any more', async () => {
    const signals = new LocalSignals();
    const wasiApi = new StoredWasiApi({ ...wanting, items: [hello] });
    wasiApi.lanes.gke = signedOut;
    renderTab(wasiApi, { signals });
    await screen.findByRole('button', button);

    wasiApi.list = { ...empty, items: [hello] };
    act(() =>
      signals.publish(MODULES_CHANGED_CHANNEL, {
        modules: ['local/default/hello'],
      }),
    );
    await waitFor(() =>
      expect(screen.queryByRole('button', button)).not.toBeInTheDocument(),
    );
  });
});

describe('the tokens of a page', () => {
  it("come from the portal's sign-ins, quietly, and go to the backend in a header", async () => {
    const asked: (AuthRequestOptions | undefined)[] = [];
    const sent: string[] = [];
    const fetch = async (url: unknown, init: RequestInit = {}) => {
      const path = String(url).replace(/^.*\/v1/, '');
      const headers = init.headers as Record<string, string>;
      const token = headers['wasi-cluster-tokens'];
      sent.push(`${path} ${token ?? ''}`);
      if (path.endsWith('/modules')) {
        return Response.json(wanting);
      }
      if (path.endsWith('/modules?cluster=gke')) {
        return Response.json({ ...empty, items: [onGke] });
      }
      return Response.json(
        { error: { name: 'NotFoundError', message: 'none' } },
        { status: 404 },
      );
    };
    renderTab(new WasiClient({ fetchApi: { fetch } }), {
      googleAuth: {
        getAccessToken: async (_, options) => {
          asked.push(options);
          return 'secret';
        },
      },
    });
    await screen.findByRole('article', { name: 'hello' });
    const ofModules = sent.filter(line => line.includes('/modules'));
    expect(ofModules[0]).toBe('/entities/Component/default/hello/modules ');
    expect(ofModules[1]).toBe(
      '/entities/Component/default/hello/modules?cluster=gke gke=secret',
    );
    expect(sent.filter(line => line.startsWith('/info'))).toEqual(['/info ']);
    expect(asked.every(options => options?.optional)).toBe(true);
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toMatch(
      'secret',
    );
    expect(window.location.href).not.toMatch('secret');
  });
});
