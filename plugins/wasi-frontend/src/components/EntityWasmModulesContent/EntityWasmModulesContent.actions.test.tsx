import {
  act,
  fireEvent,
  screen,
  waitFor,
  within,
} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  MODULES_CHANGED_CHANNEL,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { rollbackPlan } from '../../__fixtures__/deployments';
import { jsonAnswer, readyModule } from '../../__fixtures__/modules';
import { StoredWasiApi } from '../../__fixtures__/StoredWasiApi';
import { LocalSignals } from '../../__testUtils__/LocalSignals';
import { renderTab } from '../../__testUtils__/renderTab';

const NOW = Date.now();
const nothing = { items: [], problems: [], missing: [] };

const region = (name: string) => screen.findByRole('region', { name });

describe('sending a request', () => {
  it('reads the log again, which may tell of it', async () => {
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    renderTab(wasiApi);
    const log = { name: 'Last log lines of hello' };
    await screen.findByRole('log', log);
    wasiApi.logs = { lines: ['POST / 500'] };
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    await waitFor(() =>
      expect(screen.getByRole('log', log)).toHaveTextContent('POST / 500'),
    );
  });

  it('shows HTML as text and renders none of it', async () => {
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    const html = '<img src="x" alt="owned" onerror="alert(1)"><h1>Hi</h1>';
    wasiApi.answer = {
      status: 200,
      headers: [['content-type', 'text/html']],
      body: html,
      encoding: 'utf-8',
      truncated: false,
      durationMs: 1,
    };
    renderTab(wasiApi);
    await userEvent.click(await screen.findByRole('button', { name: 'Send' }));
    expect(
      (await screen.findByRole('region', { name: 'Body of the answer' }))
        .textContent,
    ).toBe(html);
    expect(screen.queryByAltText('owned')).not.toBeInTheDocument();
    expect(screen.queryByRole('heading', { name: 'Hi' })).toBeNull();
  });

  it('sends what the form says and shows the answer', async () => {
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    wasiApi.answer = {
      status: 201,
      headers: [['content-type', 'application/json']],
      body: '{"a":[1]}',
      encoding: 'utf-8',
      truncated: true,
      durationMs: 12.4,
    };
    renderTab(wasiApi);
    const request = await region('Send a request');
    await userEvent.click(
      within(request).getByRole('button', { name: /Method/ }),
    );
    await userEvent.click(await screen.findByRole('option', { name: 'POST' }));
    const path = within(request).getByRole('textbox', { name: 'Path' });
    await userEvent.clear(path);
    await userEvent.type(path, '/orders?x=1');
    await userEvent.type(
      within(request).getByRole('textbox', { name: 'Body' }),
      'hi',
    );
    await userEvent.click(
      within(request).getByRole('button', { name: 'Headers' }),
    );
    await userEvent.type(
      within(request).getByRole('textbox', { name: 'Headers' }),
      'Accept: text/plain{enter}X-One:  1 ',
    );
    await userEvent.click(
      within(request).getByRole('button', { name: 'Send' }),
    );

    expect(
      await within(request).findByText('Status 201 in 12 ms'),
    ).toBeInTheDocument();
    expect(wasiApi.sent).toEqual([
      {
        module: 'local/default/hello',
        request: {
          method: 'POST',
          path: '/orders?x=1',
          headers: { Accept: 'text/plain', 'X-One': '1' },
          body: 'hi',
        },
      },
    ]);
    expect(
      within(request).getByRole('region', { name: 'Body of the answer' })
        .textContent,
    ).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(request).toHaveTextContent(
      'The body was longer and is cut here, at 9 B.',
    );
  });

  it('sends a CloudEvent as the form says, and shows the event that answers', async () => {
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    wasiApi.answer = {
      ...jsonAnswer,
      sentEventId: 'e-1',
      cloudEvent: {
        mode: 'binary',
        attributes: { type: 'shop.order.accepted', source: '/orders' },
      },
    };
    renderTab(wasiApi);
    const request = within(await region('Send a request'));
    await userEvent.click(
      await request.findByRole('radio', { name: 'A CloudEvent' }),
    );
    expect(request.queryByRole('button', { name: /Method/ })).toBeNull();
    const fill = async (name: string, text: string) => {
      const field = request.getByRole('textbox', { name });
      await userEvent.clear(field);
      await userEvent.type(field, text);
    };
    await fill('Type', 'shop.order');
    await fill('Source', '/shop');
    await fill('Subject', 'order 7');
    await fill('Data', '7');
    await userEvent.click(request.getByRole('button', { name: 'Send' }));
    expect(await request.findByText('shop.order.accepted')).toBeInTheDocument();
    expect(request.getByText('Sent as event e-1')).toBeInTheDocument();
    expect(wasiApi.sent).toEqual([
      {
        module: 'local/default/hello',
        request: {
          path: '/',
          headers: {},
          body: '7',
          cloudEvent: {
            type: 'shop.order',
            source: '/shop',
            subject: 'order 7',
            dataContentType: 'application/json',
          },
        },
      },
    ]);
  });

  it('does not send a CloudEvent that is not written right', async () => {
    renderTab(new StoredWasiApi({ ...nothing, items: [readyModule(NOW)] }));
    const request = within(await region('Send a request'));
    await userEvent.click(
      await request.findByRole('radio', { name: 'A CloudEvent' }),
    );
    const send = request.getByRole('button', { name: 'Send' });
    expect(send).toBeEnabled();
    const type = request.getByRole('textbox', { name: 'Type' });
    await userEvent.clear(type);
    expect(type).toHaveAccessibleDescription('Give the event a type');
    expect(send).toBeDisabled();
  });

  it('shows why a request did not reach the module', async () => {
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    wasiApi.answer = new WasiError('MODULE_RUN_TIMEOUT', {
      message: 'hello did not answer within 30 seconds.',
    });
    renderTab(wasiApi);
    const request = await region('Send a request');
    await userEvent.click(
      within(request).getByRole('button', { name: 'Send' }),
    );
    const alert = await within(request).findByRole('alert');
    expect(alert).toHaveTextContent('hello did not answer within 30 seconds.');
    expect(alert).toHaveTextContent('Look for a loop or a call that waits');
  });

  it('does not send a body that is longer than the portal takes', async () => {
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    renderTab(wasiApi);
    const request = await region('Send a request');
    await userEvent.click(
      within(request).getByRole('button', { name: /Method/ }),
    );
    await userEvent.click(await screen.findByRole('option', { name: 'POST' }));
    const body = within(request).getByRole('textbox', { name: 'Body' });
    fireEvent.change(body, { target: { value: 'x'.repeat(1024 * 1024 + 1) } });
    expect(body).toHaveAccessibleDescription(/up to 1 MiB/);
    expect(
      within(request).getByRole('button', { name: 'Send' }),
    ).toBeDisabled();
    expect(wasiApi.sent).toEqual([]);
  });

  it('does not send headers or a path that are not written right', async () => {
    renderTab(new StoredWasiApi({ ...nothing, items: [readyModule(NOW)] }));
    const request = await region('Send a request');
    const send = within(request).getByRole('button', { name: 'Send' });
    const path = within(request).getByRole('textbox', { name: 'Path' });
    await userEvent.clear(path);
    expect(request).toHaveTextContent('Start the path with one slash');
    expect(send).toBeDisabled();

    await userEvent.type(path, '/');
    expect(send).toBeEnabled();
    await userEvent.click(
      within(request).getByRole('button', { name: 'Headers' }),
    );
    await userEvent.type(
      within(request).getByRole('textbox', { name: 'Headers' }),
      'a: b{enter}nonsense',
    );
    expect(request).toHaveTextContent('Line 2 is not written as name: value');
    expect(send).toBeDisabled();
  });

  it('is not offered without the permission', async () => {
    renderTab(new StoredWasiApi({ ...nothing, items: [readyModule(NOW)] }), {
      denied: ['wasi.module.invoke'],
    });
    const request = await region('Send a request');
    expect(
      await within(request).findByText('wasi.module.invoke'),
    ).toBeInTheDocument();
    expect(within(request).queryByRole('button')).not.toBeInTheDocument();
  });
});

describe('deleting', () => {
  it('needs the name typed, and the tab follows', async () => {
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    wasiApi.plan = {
      ...rollbackPlan(NOW),
      action: 'delete',
      module: undefined,
      changes: [
        {
          path: 'spec.args',
          kind: 'removed',
          before: '- --greeting',
          owner: 'argocd-controller',
        },
      ],
    };
    renderTab(wasiApi);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Delete' }),
    );
    const dialog = await screen.findByRole('dialog');
    const confirm = within(dialog).getByRole('button', {
      name: 'Delete module',
    });
    expect(
      await within(dialog).findByText(
        'Fields of it belong to argocd-controller',
      ),
    ).toBeInTheDocument();
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'What is deleted' }),
    );
    expect(
      within(dialog).getByRole('table', { name: 'Changes of the module' }),
    ).toHaveTextContent('spec.args');
    expect(dialog).toHaveTextContent('http://localhost:7500/');
    const name = within(dialog).getByRole('textbox', {
      name: 'Type hello to confirm',
    });
    expect(confirm).toBeDisabled();
    await userEvent.type(name, 'hell');
    expect(confirm).toBeDisabled();
    await userEvent.type(name, '{enter}');
    expect(wasiApi.deleted).toEqual([]);

    await userEvent.type(name, 'o');
    await userEvent.click(confirm);
    expect(await screen.findByText('hello was deleted')).toBeInTheDocument();
    expect(wasiApi.done).toEqual([
      { delete: 'local/default/hello', basis: 'b1' },
    ]);
    await waitFor(() =>
      expect(screen.queryByRole('article')).not.toBeInTheDocument(),
    );
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(screen.getByText('local/default/hello')).toBeInTheDocument();
  });

  it('is forgotten once the module is deployed again', async () => {
    const signals = new LocalSignals();
    const view = readyModule(NOW);
    const wasiApi = new StoredWasiApi({ ...nothing, items: [view] });
    renderTab(wasiApi, { signals });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Delete' }),
    );
    await userEvent.type(
      within(await screen.findByRole('dialog')).getByRole('textbox'),
      'hello{enter}',
    );
    expect(await screen.findByText('hello was deleted')).toBeInTheDocument();

    const metadata = { ...view.module.metadata, uid: 'another' };
    wasiApi.list = {
      ...nothing,
      items: [{ ...view, module: { ...view.module, metadata } }],
    };
    act(() => signals.publish(MODULES_CHANGED_CHANNEL, { modules: [] }));
    expect(
      await screen.findByRole('article', { name: 'hello' }),
    ).toBeInTheDocument();
    expect(screen.queryByText('hello was deleted')).not.toBeInTheDocument();
  });

  it('keeps the dialog open and says why when it fails', async () => {
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    wasiApi.deletion = new WasiError('CLUSTER_FORBIDDEN', {
      message: 'Cluster local refuses to delete hello.',
    });
    renderTab(wasiApi);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Delete' }),
    );
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(within(dialog).getByRole('textbox'), 'hello{enter}');
    expect(await within(dialog).findByRole('alert')).toHaveTextContent(
      'Cluster local refuses to delete hello.',
    );
  });

  it('can be cancelled', async () => {
    const wasiApi = new StoredWasiApi({
      ...nothing,
      items: [readyModule(NOW)],
    });
    renderTab(wasiApi);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Delete' }),
    );
    await userEvent.click(
      within(await screen.findByRole('dialog')).getByRole('button', {
        name: 'Cancel',
      }),
    );
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(wasiApi.deleted).toEqual([]);
  });

  it('is not offered without the permission', async () => {
    renderTab(new StoredWasiApi({ ...nothing, items: [readyModule(NOW)] }), {
      denied: ['wasi.module.delete'],
    });
    // The form appears with its own permission: by then both were answered.
    await screen.findByRole('button', { name: 'Send' });
    expect(
      screen.queryByRole('button', { name: 'Delete' }),
    ).not.toBeInTheDocument();
  });
});
