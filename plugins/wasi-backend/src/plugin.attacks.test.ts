import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Entity } from '@backstage/catalog-model';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import request from 'supertest';
import { startWasiBackend } from './__testUtils__/startWasiBackend';

const pay: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'pay', namespace: 'default' },
};
const wasmModule: WasmModule = {
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: {
    name: 'pay',
    namespace: 'shop',
    annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
  },
  spec: { image: `localhost:5000/pay@sha256:${'a'.repeat(64)}` },
};
const ref = { namespace: 'shop', name: 'pay' };
const MODULES = '/api/wasi/v1/entities/component/default/pay/modules';
const PAY = `${MODULES}/prod/shop/pay`;

describe('the backend plugin under attack', () => {
  let prod: FakeWasmModuleClient;
  let server: Awaited<ReturnType<typeof startWasiBackend>>['server'];
  let stop: () => Promise<unknown>;

  beforeAll(async () => {
    prod = new FakeWasmModuleClient('prod', [wasmModule]);
    const backend = await startWasiBackend({
      clusters: createFakeClusters([prod]),
      entities: [pay],
    });
    server = backend.server;
    stop = () => backend.stop();
  });

  afterAll(async () => {
    await stop();
  });

  it.each([
    'component/default/pay%2F..%2Fbank',
    'component/default%2Fpay/x',
    'component:default%2Fpay/default/pay',
    'component/default/pay%00',
    'component/default/%20pay',
    'component/default/pay%0d%0ax-evil:1',
  ])('refuses the entity %s', async odd => {
    const answer = await request(server).get(
      `/api/wasi/v1/entities/${odd}/modules`,
    );

    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe('INPUT_INVALID');
  });

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'prod%2F..', 'PROD'])(
    'knows no cluster %s, to read or to write',
    async cluster => {
      const address = `${MODULES}/${cluster}/shop/pay`;
      for (const answer of [
        await request(server).get(address),
        await request(server).delete(address),
        await request(server)
          .post(MODULES)
          .send({ cluster: decodeURIComponent(cluster), module: wasmModule }),
      ]) {
        expect([answer.status, answer.body.error.code]).toEqual([
          404,
          'CLUSTER_UNKNOWN',
        ]);
      }
    },
  );

  it.each([
    { name: 'x', namespace: '../../kube-system' },
    { name: '../x', namespace: 'shop' },
    { name: 'x', namespace: 'shop/pods' },
    { name: 'x?dryRun=All', namespace: 'shop' },
    { name: '', namespace: 'shop' },
  ])(
    'creates nothing that is named $namespace/$name',
    async ({ name, namespace }) => {
      const before = await prod.list();

      const answer = await request(server)
        .post(MODULES)
        .send({ module: { ...wasmModule, metadata: { name, namespace } } });

      expect(answer.status).toBe(400);
      await expect(prod.list()).resolves.toEqual(before);
    },
  );

  it('refuses a body of 10 MB', async () => {
    const answer = await request(server)
      .patch(PAY)
      .send({ spec: { args: ['x'.repeat(10 * 1024 * 1024)] } });

    expect(answer.status).toBe(413);
  });

  it.each([
    {
      what: 'objects',
      body: `{"spec":${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}}`,
    },
    {
      what: 'lists',
      body: `{"spec":{"args":${'['.repeat(300_000)}${']'.repeat(300_000)}}}`,
    },
  ])('refuses a body of $what in each other without end', async ({ body }) => {
    const before = await prod.get(ref);

    for (const method of ['patch', 'put'] as const) {
      const answer = await request(server)
        [method](PAY)
        .set('content-type', 'application/json')
        .send(body);

      expect([answer.status, answer.body.error.code]).toEqual([
        400,
        'INPUT_INVALID',
      ]);
    }
    await expect(prod.get(ref)).resolves.toEqual(before);
  });

  it.each([
    '{"__proto__":{"polluted":1},"spec":{"__proto__":{"polluted":1}}}',
    '{"metadata":{"labels":{"__proto__":"polluted"}}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
  ])('takes nothing from %s for a property of everything', async body => {
    await request(server)
      .patch(PAY)
      .set('content-type', 'application/json')
      .send(body);

    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    const stored = await prod.get(ref);
    expect(JSON.stringify(stored)).not.toContain('polluted');
    expect(Object.getPrototypeOf(stored.metadata.labels ?? {})).toBe(
      Object.prototype,
    );
  });

  it('believes neither headers nor bodies that say who asks or for which entity', async () => {
    const answer = await request(server)
      .post(MODULES)
      .set('x-backstage-user', 'user:default/admin')
      .set('x-forwarded-user', 'admin')
      .send({
        module: {
          ...wasmModule,
          metadata: { name: 'mine', namespace: 'shop' },
        },
        entityRef: 'component:default/bank',
      });

    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe('INPUT_INVALID');
  });

  describe('calling a module', () => {
    const closers: (() => void)[] = [];

    afterEach(() => {
      closers.splice(0).forEach(close => close());
    });

    async function serve(
      listener: Parameters<typeof createServer>[1],
    ): Promise<string> {
      const target = createServer(listener as never);
      await new Promise<void>(resolve =>
        target.listen(0, '127.0.0.1', resolve),
      );
      closers.push(() => {
        target.closeAllConnections();
        target.close();
      });
      return `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
    }

    const invoke = (body: object) =>
      request(server).post(`${PAY}/invoke`).send(body);

    it.each([
      '//evil.example.com/x',
      '/\\evil.example.com',
      '/../../../x',
      '/%2e%2e/%2e%2e/x',
      '/x#@evil.example.com',
      '/@evil.example.com:80/',
      '/x\u0000y',
      '/ü?ä=1',
    ])('with the path %j reaches that module or nothing', async path => {
      const hosts: unknown[] = [];
      const url = await serve((req: any, res: any) => {
        hosts.push(req.headers.host);
        res.end();
      });
      prod.setReady(ref, url);

      const answer = await invoke({ path });

      expect([200, 400]).toContain(answer.status);
      expect(hosts).toEqual(answer.status === 200 ? [new URL(url).host] : []);
    });

    it.each(['http://evil.example.com/', 'evil.example.com', '@evil', ''])(
      'refuses %j as a path',
      async path => {
        const url = await serve((_req: any, res: any) => res.end());
        prod.setReady(ref, url);

        expect((await invoke({ path })).status).toBe(400);
      },
    );

    it('cuts an answer without end, and closes its connection', async () => {
      let closed: Promise<unknown> = Promise.resolve();
      const url = await serve((_req: any, res: any) => {
        closed = new Promise(resolve => res.on('close', resolve));
        const chunk = Buffer.alloc(64 * 1024, 'x');
        const more = () => {
          while (!res.destroyed && res.write(chunk));
        };
        res.on('drain', more);
        more();
      });
      prod.setReady(ref, url);

      const answer = await invoke({});

      expect(answer.body.truncated).toBe(true);
      expect(answer.body.body).toHaveLength(1024 * 1024);
      await closed;
    });

    it('tells headers without end from an answer', async () => {
      const url = await serve((_req: any, res: any) => {
        res.socket.write(`HTTP/1.1 200 OK\r\n`);
        res.socket.write(`x: ${'x'.repeat(128 * 1024)}\r\n\r\n`);
      });
      prod.setReady(ref, url);

      const answer = await invoke({});

      expect([answer.status, answer.body.error.code]).toEqual([
        503,
        'INVOKE_FAILED',
      ]);
    });

    it('ends the call when the user goes away', async () => {
      let closed: Promise<unknown> = Promise.resolve();
      const called = new Promise<void>(resolve => {
        serve((_req: any, res: any) => {
          closed = new Promise(end => res.on('close', end));
          resolve();
        }).then(url => {
          prod.setReady(ref, url);
          const { port } = server.address() as AddressInfo;
          const outgoing = httpRequest({
            port,
            host: '127.0.0.1',
            path: `${PAY}/invoke`,
            method: 'POST',
          });
          outgoing.on('error', () => {});
          outgoing.end();
          closers.push(() => outgoing.destroy());
        });
      });
      await called;

      closers.pop()!();

      await expect(closed).resolves.toBeUndefined();
    });
  });
});
