import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mockCredentials } from '@backstage/backend-test-utils';
import request from 'supertest';
import {
  BackendUnderTest,
  modulesOf,
  PAY,
} from './__testUtils__/BackendUnderTest';

describe('the backend plugin', () => {
  let backend: BackendUnderTest;

  beforeEach(() => {
    backend = new BackendUnderTest();
  });

  afterEach(() => backend.stop());

  describe('invoking', () => {
    async function startModule(): Promise<{ url: string; seen: object[] }> {
      const seen: object[] = [];
      const server = createServer((req, res) => {
        seen.push({ url: req.url, headers: req.headers });
        res.end('hello');
      });
      await new Promise<void>(resolve =>
        server.listen(0, '127.0.0.1', resolve),
      );
      backend.stops.push(
        () => new Promise(resolve => server.close(() => resolve(undefined))),
      );
      const { port } = server.address() as AddressInfo;
      return { url: `http://localhost:${port}/`, seen };
    }

    it("calls the module and sends nothing of the caller's own request", async () => {
      const { url, seen } = await startModule();
      backend.prod.setReady({ namespace: 'shop', name: 'pay' }, url);

      const answer = await request(await backend.start())
        .post(`${PAY}/invoke`)
        .set('authorization', mockCredentials.user.header())
        .set('cookie', 'session=1')
        .send({ path: '/greet?name=x', headers: { 'x-mine': 'yes' } });

      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        status: 200,
        body: 'hello',
        encoding: 'utf-8',
        truncated: false,
      });
      expect(seen).toEqual([
        {
          url: '/greet?name=x',
          headers: {
            host: new URL(url).host,
            connection: 'close',
            'accept-encoding': 'identity',
            'x-mine': 'yes',
          },
        },
      ]);
    });

    it('refuses while the module is not ready', async () => {
      const answer = await request(await backend.start())
        .post(`${PAY}/invoke`)
        .send({});

      expect(answer.status).toBe(409);
      expect(answer.body.error.code).toBe('INVOKE_NOT_READY');
    });
  });

  describe('denying', () => {
    const calls = [
      { permission: 'wasi.module.read', method: 'get', path: modulesOf('pay') },
      { permission: 'wasi.module.read', method: 'get', path: PAY },
      {
        permission: 'wasi.module.read',
        method: 'get',
        path: `${PAY}/artifact`,
      },
      { permission: 'wasi.module.logs', method: 'get', path: `${PAY}/logs` },
      {
        permission: 'wasi.module.create',
        method: 'post',
        path: modulesOf('pay'),
      },
      { permission: 'wasi.module.update', method: 'put', path: PAY },
      { permission: 'wasi.module.update', method: 'patch', path: PAY },
      { permission: 'wasi.module.delete', method: 'delete', path: PAY },
      {
        permission: 'wasi.module.invoke',
        method: 'post',
        path: `${PAY}/invoke`,
      },
    ] as const;

    it.each(calls)(
      '$method $path without $permission, and touches no cluster',
      async ({ permission, method, path }) => {
        const audit = jest.fn();
        const server = await backend.start({ deny: permission, audit });
        const get = jest.spyOn(backend.prod, 'get');

        const answer = await request(server)
          [method](path)
          .send(path === modulesOf('pay') ? { module: {} } : {});

        expect(answer.status).toBe(403);
        expect(answer.body.error).toMatchObject({
          code: 'PERMISSION_DENIED',
          message: `Permission ${permission} on component:default/pay is denied.`,
        });
        expect(get).not.toHaveBeenCalled();
        expect(audit.mock.calls.map(([{ ended }]) => ended)).toEqual(
          method === 'get' ? [] : ['NotAllowedError'],
        );
      },
    );

    it.each([
      ...calls,
      { permission: '-', method: 'get', path: '/api/wasi/v1/info' } as const,
    ])('$method $path without a token', async ({ method, path }) => {
      const answer = await request(await backend.start())
        [method](path)
        .set('authorization', mockCredentials.none.header())
        .send(method === 'get' ? undefined : {});

      expect(answer.status).toBe(401);
    });

    it('an entity that the catalog does not have', async () => {
      const answer = await request(await backend.start()).get(
        modulesOf('nobody'),
      );

      expect(answer.status).toBe(404);
      expect(answer.body.error.code).toBe('ENTITY_NOT_FOUND');
    });

    it.each(
      (['linked', 'selecting'] as const).flatMap(through => [
        { through, method: 'put', path: '', sent: 'as read' } as const,
        {
          through,
          method: 'patch',
          path: '',
          sent: { spec: { args: [] } },
        } as const,
        { through, method: 'delete', path: '', sent: undefined } as const,
        { through, method: 'post', path: '/invoke', sent: {} } as const,
      ]),
    )(
      '$method$path through the entity "$through", which only names the module or has its label',
      async ({ through, method, path, sent }) => {
        const ref = { namespace: 'shop', name: 'pay' };
        // As a tool other than the portal deploys: no entity, a label of Backstage.
        await backend.prod.patch(ref, {
          metadata: {
            annotations: { 'backstage.io/entity-ref': null },
            labels: { 'backstage.io/kubernetes-id': 'team-a' },
          },
        });
        backend.prod.setReady(ref, 'http://localhost:1');
        const before = await backend.prod.get(ref);
        const server = await backend.start();
        const address = `${modulesOf(through)}/prod/shop/pay`;
        const read = await request(server).get(address);
        expect(read.status).toBe(200);

        const answer = await request(server)
          [method](`${address}${path}`)
          .send(sent === 'as read' ? read.body.module : sent);

        expect(answer.status).toBe(409);
        expect(answer.body.error.code).toBe('MODULE_OWNED_BY_OTHER');
        await expect(
          backend.prod.get({ namespace: 'shop', name: 'pay' }),
        ).resolves.toEqual(before);
      },
    );
  });
});
