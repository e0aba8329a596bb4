import dns from 'node:dns';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Entity } from '@backstage/catalog-model';
import {
  invokeRequestSchema,
  type InvokeRequest,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { EntityModules } from './EntityModules';
import { ModuleInvoker } from './ModuleInvoker';

const entity: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'pay', namespace: 'default' },
};
const ref = { cluster: 'prod', namespace: 'shop', name: 'pay' };

describe('calling a module', () => {
  const closers: (() => void)[] = [];

  afterEach(() => {
    closers.splice(0).forEach(close => close());
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  function invoke(
    address: string | undefined,
    request: InvokeRequest = {},
    options: { timeoutMs?: number; signal?: AbortSignal; ready?: boolean } = {},
  ) {
    const wasmModule: WasmModule = {
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: {
        name: 'pay',
        namespace: 'shop',
        annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
      },
      spec: { image: 'x' },
      status: {
        address: { url: address },
        conditions: [
          { type: 'Ready', status: options.ready === false ? 'False' : 'True' },
        ],
      },
    };
    const modules = {
      require: async () => ({ ref, module: wasmModule, observedAt: '' }),
    } as unknown as EntityModules;
    return new ModuleInvoker({
      modules,
      timeoutMs: options.timeoutMs ?? 10_000,
      now: () => 0,
    }).invoke({
      entity,
      ref,
      request: invokeRequestSchema.parse(request),
      signal: options.signal ?? new AbortController().signal,
    });
  }

  it('answers with status, headers and body, without cookies', async () => {
    const address = await serve((_req, res) => {
      res.sendDate = false;
      res.writeHead(
        418,
        [
          ['Content-Type', 'text/plain'],
          ['Set-Cookie', 'a=b'],
          ['X-Twice', '1'],
          ['X-Twice', '2'],
        ].flat(),
      );
      res.end('kurz und stout: é');
    });

    await expect(invoke(address)).resolves.toEqual({
      status: 418,
      headers: [
        ['Content-Type', 'text/plain'],
        ['X-Twice', '1'],
        ['X-Twice', '2'],
      ],
      body: 'kurz und stout: é',
      encoding: 'utf-8',
      truncated: false,
      durationMs: 0,
    });
  });

  it('sends method, path, headers and body, less what is not for a user to set', async () => {
    let seen: object = {};
    const address = await serve(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) {
        chunks.push(chunk);
      }
      seen = {
        method: req.method,
        url: req.url,
        headers: req.headers,
        body: Buffer.concat(chunks).toString(),
      };
      res.end();
    });

    await invoke(address, {
      method: 'POST',
      path: '/a/../b?x=//evil.example.com',
      headers: {
        'x-mine': 'yes',
        Host: 'evil.example.com',
        'Transfer-Encoding': 'chunked',
        'X-Forwarded-For': '10.0.0.1',
      },
      body: 'é',
    });

    expect(seen).toEqual({
      method: 'POST',
      url: '/b?x=//evil.example.com',
      headers: {
        host: new URL(address).host,
        connection: 'close',
        'accept-encoding': 'identity',
        'content-length': '2',
        'x-mine': 'yes',
      },
      body: 'é',
    });
  });

  it('sends a CloudEvent, with an id of its own, and tells the event that came back', async () => {
    let seen: object = {};
    const address = await serve(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) {
        chunks.push(chunk);
      }
      seen = {
        method: req.method,
        headers: req.headers,
        body: Buffer.concat(chunks).toString(),
      };
      res.sendDate = false;
      res.writeHead(200, {
        'ce-specversion': '1.0',
        'ce-id': `answer-to-${req.headers['ce-id']}`,
        'ce-source': '/pay',
        'ce-type': 'shop.paid',
        'content-type': 'text/plain',
      });
      res.end('thanks');
    });

    const answer = await invoke(address, {
      cloudEvent: {
        type: 'shop.order',
        source: '/orders',
        subject: 'Grüße',
        dataContentType: 'application/json',
      },
      body: '{}',
    });

    const id = answer.sentEventId;
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(seen).toEqual({
      method: 'POST',
      headers: {
        host: new URL(address).host,
        connection: 'close',
        'accept-encoding': 'identity',
        'content-length': '2',
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-type': 'shop.order',
        'ce-source': '/orders',
        'ce-subject': 'Gr%C3%BC%C3%9Fe',
        'ce-id': id,
      },
      body: '{}',
    });
    expect(answer.cloudEvent).toEqual({
      mode: 'binary',
      attributes: {
        id: `answer-to-${id}`,
        source: '/pay',
        specversion: '1.0',
        type: 'shop.paid',
        datacontenttype: 'text/plain',
      },
    });
  });

  it('does not speak another protocol that a module proposes', async () => {
    const address = await serve((req, _res) => {
      req.socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
      );
    });

    await expect(invoke(address)).rejects.toMatchObject({
      code: 'INVOKE_FAILED',
    });
  });

  it('gives up on an answer that never ends', async () => {
    const address = await serve((_req, res) => {
      res.write('a');
    });

    await expect(invoke(address, {}, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'MODULE_RUN_TIMEOUT',
    });
  });

  it.each([
    ['that turns into one that must not be called', ['169.254.169.254']],
    ['of which one address must not be called', ['127.0.0.1', 'fe80::1']],
  ])('refuses a host name %s', async (_, addresses) => {
    const lookup = jest.spyOn(dns, 'lookup') as unknown as jest.Mock;
    lookup.mockImplementation((_host, _options, callback) =>
      callback(
        null,
        addresses.map(address => ({
          address,
          family: address.includes(':') ? 6 : 4,
        })),
      ),
    );
    try {
      await expect(invoke('http://pay.example.com')).rejects.toMatchObject({
        code: 'INVOKE_FAILED',
        message: 'The address of the module is one that must not be called.',
      });
    } finally {
      lookup.mockRestore();
    }
  });

  it('follows no redirect', async () => {
    let calls = 0;
    const address = await serve((_req, res) => {
      calls += 1;
      res.writeHead(302, { location: 'http://169.254.169.254/' });
      res.end();
    });

    await expect(invoke(address)).resolves.toMatchObject({ status: 302 });
    expect(calls).toBe(1);
  });

  it('cuts a long answer, between characters', async () => {
    const address = await serve((_req, res) => {
      res.end('x'.repeat(1024 * 1024 - 1) + 'é'.repeat(100_000));
    });

    const answer = await invoke(address);

    expect(answer).toMatchObject({ truncated: true, encoding: 'utf-8' });
    expect(answer.body).toBe('x'.repeat(1024 * 1024 - 1));
  });

  it('answers with base64 where the body is no text', async () => {
    const address = await serve((_req, res) => {
      res.end(Buffer.from([0xff, 0x00]));
    });

    await expect(invoke(address)).resolves.toMatchObject({
      body: '/wA=',
      encoding: 'base64',
    });
  });

  it('gives up on a module that does not answer', async () => {
    const address = await serve(() => {});

    await expect(invoke(address, {}, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'MODULE_RUN_TIMEOUT',
    });
  });

  it('ends when the caller has gone', async () => {
    const abort = new AbortController();
    const address = await serve(() => abort.abort(new Error('gone')));

    await expect(invoke(address, {}, { signal: abort.signal })).rejects.toThrow(
      'gone',
    );
  });

  it('says that a module is not there, without its address', async () => {
    const address = await serve(() => {});
    closers.pop()!();

    const error = await invoke(address).catch(e => e);

    expect(error).toMatchObject({
      code: 'INVOKE_FAILED',
      message:
        'WasmModule shop/pay on cluster "prod" could not be called (ECONNREFUSED).',
    });
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://0.0.0.0:1/',
    'http://2852039166/',
    'http://[::ffff:169.254.169.254]/',
    'file:///etc/passwd',
    'gopher://localhost/',
    'not an address',
  ])('refuses the address %s', async address => {
    await expect(invoke(address)).rejects.toMatchObject({
      code: 'INVOKE_FAILED',
      message: expect.not.stringContaining('could not be called'),
    });
  });

  it.each([
    {
      why: 'that is no longer ready',
      address: 'http://localhost',
      ready: false,
    },
    { why: 'without an address', address: undefined, ready: true },
  ])('refuses a module $why', async ({ address, ready }) => {
    await expect(invoke(address, {}, { ready })).rejects.toMatchObject({
      code: 'INVOKE_NOT_READY',
    });
  });

  it.each<InvokeRequest>([
    { headers: { 'bad name': 'x' } },
    { headers: { ok: 'a\r\nevil: 1' } },
    {
      cloudEvent: { type: 'a', source: '/' },
      headers: { 'ce-time': 'a\r\nevil: 1' },
    },
    {
      cloudEvent: { type: 'a', source: '/' },
      headers: { 'CE-Type': 'b' },
    },
    { body: 'é'.repeat(600 * 1024) },
  ])('refuses what cannot be sent', async request => {
    await expect(invoke('http://localhost', request)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });
});
