import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mockCredentials } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import {
  MASKED_VALUE,
  WasiError,
  type ModuleView,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Clusters } from '@wasi-functions/backstage-plugin-wasi-node';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import request from 'supertest';
import { startWasiBackend } from './__testUtils__/startWasiBackend';

const image = `localhost:5000/pay@sha256:${'a'.repeat(64)}`;

function component(name: string, annotations?: Record<string, string>): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default', annotations },
    spec: { type: 'wasm-function', owner: 'guests', lifecycle: 'production' },
  };
}

function wasmModule(
  name: string,
  owner: string | undefined,
  spec: Partial<WasmModule['spec']> = {},
): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: {
      name,
      namespace: 'shop',
      annotations: {
        ...(owner && {
          'backstage.io/entity-ref': `component:default/${owner}`,
        }),
        'kubectl.kubernetes.io/last-applied-configuration': '{"secret":1}',
      },
      managedFields: [{ manager: 'kubectl' }],
    },
    spec: { image, ...spec },
  };
}

const entities = [
  component('pay'),
  component('bank', { 'wasm.serving.knative.dev/module': 'prod/shop/bank' }),
  component('linked', {
    'wasm.serving.knative.dev/module': 'shop/pay, prod/shop/absent, dead/x',
  }),
  component('plain'),
  component('selecting', { 'backstage.io/kubernetes-id': 'team-a' }),
  component('strange', {
    'wasm.serving.knative.dev/module':
      'mars/shop/pay, not a name, prod/shop/pay',
  }),
  component('unreadable', {
    'backstage.io/kubernetes-label-selector': 'tier in',
  }),
];

const modulesOf = (entity: string) =>
  `/api/wasi/v1/entities/component/default/${entity}/modules`;
const PAY = `${modulesOf('pay')}/prod/shop/pay`;

describe('the backend plugin', () => {
  let prod: FakeWasmModuleClient;
  let clusters: Clusters;
  const stops: (() => Promise<unknown>)[] = [];

  beforeEach(() => {
    prod = new FakeWasmModuleClient('prod', [
      wasmModule('pay', 'pay', {
        env: [
          { name: 'COLOUR', value: 'blue' },
          { name: 'DB_PASSWORD', value: 'hunter2' },
          { name: 'DB', value: 'postgres://me:hunter2@db/shop' },
        ],
      }),
      wasmModule('bank', 'bank'),
    ]);
    clusters = createFakeClusters([prod]);
  });

  afterEach(async () => {
    await Promise.all(stops.splice(0).map(stop => stop()));
  });

  async function start(
    options: { deny?: string; audit?: (event: object) => void } = {},
  ) {
    const backend = await startWasiBackend({ clusters, entities, ...options });
    stops.push(() => backend.stop());
    return backend.server;
  }

  describe('reading', () => {
    it('shows the modules of an entity without secrets or noise', async () => {
      const answer = await request(await start()).get(modulesOf('pay'));

      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        items: [
          {
            ref: { cluster: 'prod', namespace: 'shop', name: 'pay' },
            module: expect.objectContaining({
              metadata: expect.objectContaining({
                annotations: {
                  'backstage.io/entity-ref': 'component:default/pay',
                },
              }),
              spec: {
                image,
                env: [
                  { name: 'COLOUR', value: 'blue' },
                  { name: 'DB_PASSWORD', value: MASKED_VALUE },
                  { name: 'DB', value: MASKED_VALUE },
                ],
              },
            }),
            health: expect.objectContaining({ state: expect.any(String) }),
            findings: expect.any(Array),
            events: [],
            observedAt: expect.stringMatching(/^\d{4}-.*Z$/),
          },
        ],
        problems: [],
        missing: [],
      });
      expect(answer.text).not.toMatch(/hunter2|last-applied|managedFields/);
    });

    it('shows the events of a module, ready or not', async () => {
      const event = {
        type: 'Warning' as const,
        reason: 'InsecureRegistry',
        message: 'The registry is asked over http.',
        count: 1,
      };
      const ref = { namespace: 'shop', name: 'pay' };
      prod.setEvents(ref, [event]);
      const server = await start();

      expect((await request(server).get(PAY)).body.events).toEqual([event]);

      prod.setReady(ref, 'http://pay.example.com');
      await new Promise(resolve => setImmediate(resolve));
      const ready = await request(server).get(PAY);
      expect(ready.body.health.state).toBe('ready');
      expect(ready.body.events).toEqual([event]);
    });

    it('says within seconds that a cluster hangs, and keeps what it knew', async () => {
      const server = await start();
      await request(server).get(modulesOf('pay'));
      prod.events = async () => {
        throw new WasiError('CLUSTER_UNREACHABLE', {
          message: 'Cluster "prod" did not answer within 5 seconds.',
        });
      };
      prod.setReady({ namespace: 'shop', name: 'pay' }, 'http://pay.example');
      await new Promise(resolve => setImmediate(resolve));

      const { body } = await request(server).get(modulesOf('pay'));

      expect(body.problems).toEqual([
        {
          cluster: 'prod',
          code: 'CLUSTER_UNREACHABLE',
          message: 'Cluster "prod" did not answer within 5 seconds.',
          remedy:
            'Check that the API server is running and its address is right.',
        },
      ]);
      expect(body.items[0].health.state).toBe('ready');
    });

    it('reads events of so many modules, and says where it did not', async () => {
      const names = Array.from({ length: 21 }, (_, index) => `many-${index}`);
      prod = new FakeWasmModuleClient('prod', [
        ...names.map(name => wasmModule(name, 'pay')),
      ]);
      for (const name of names) {
        const ref = { namespace: 'shop', name };
        prod.setEvents(ref, [
          { type: 'Normal', reason: 'Seen', message: 'yes', count: 1 },
        ]);
        if (name !== 'many-20') {
          prod.setReady(ref, `http://${name}.example.com`);
        }
      }
      clusters = createFakeClusters([prod]);

      const answer = await request(await start()).get(modulesOf('pay'));

      const without = answer.body.items.filter(
        ({ events }: ModuleView) => events.length === 0,
      );
      expect(without).toHaveLength(1);
      expect(without[0].health.state).toBe('ready');
      expect(without[0].findings).toContainEqual(
        expect.objectContaining({ code: 'EVENTS_NOT_READ', path: 'events' }),
      );
    });

    it('answers for an entity without modules, and says nothing else', async () => {
      const answer = await request(await start()).get(modulesOf('plain'));

      expect(answer.body).toEqual({ items: [], problems: [], missing: [] });
    });

    it('tells what is missing, and what a dead cluster leaves open', async () => {
      const dead = new FakeWasmModuleClient('dead');
      dead.down = new WasiError('CLUSTER_UNREACHABLE', {
        message: 'Cluster "dead" cannot be reached.',
      });
      clusters = createFakeClusters([prod, dead]);

      const answer = await request(await start()).get(modulesOf('linked'));

      expect(answer.status).toBe(200);
      expect(answer.body.items.map(({ ref }: { ref: object }) => ref)).toEqual([
        { cluster: 'prod', namespace: 'shop', name: 'pay' },
      ]);
      expect(answer.body.problems).toEqual([
        {
          cluster: 'dead',
          code: 'CLUSTER_UNREACHABLE',
          message: 'Cluster "dead" cannot be reached.',
          remedy: expect.any(String),
        },
      ]);
      expect(answer.body.missing).toEqual([
        { cluster: 'prod', namespace: 'shop', name: 'absent' },
      ]);
    });

    it('fails for one module of a dead cluster with the cluster as the reason', async () => {
      const dead = new FakeWasmModuleClient('dead');
      dead.down = new WasiError('CLUSTER_UNREACHABLE', { message: 'away' });
      clusters = createFakeClusters([prod, dead]);

      const answer = await request(await start()).get(
        `${modulesOf('linked')}/dead/default/x`,
      );

      expect(answer.status).toBe(503);
      expect(answer.body.error).toMatchObject({
        code: 'CLUSTER_UNREACHABLE',
        message: 'away',
        remedy: expect.any(String),
      });
    });

    it('shows what the label selector of an entity chooses', async () => {
      await prod.patch(
        { namespace: 'shop', name: 'bank' },
        { metadata: { labels: { 'backstage.io/kubernetes-id': 'team-a' } } },
      );

      const answer = await request(await start()).get(modulesOf('selecting'));

      expect(
        answer.body.items.map(({ ref }: { ref: { name: string } }) => ref.name),
      ).toEqual(['bank']);
    });

    it('shows the modules that an entity names rightly, beside what it names wrongly', async () => {
      const answer = await request(await start()).get(modulesOf('strange'));

      expect(
        answer.body.items.map(({ ref }: { ref: { name: string } }) => ref.name),
      ).toEqual(['pay']);
      expect(
        answer.body.problems.map(
          ({ cluster, code }: { cluster: string; code: string }) => [
            cluster,
            code,
          ],
        ),
      ).toEqual([
        ['', 'MODULE_LINK_INVALID'],
        ['mars', 'CLUSTER_UNKNOWN'],
      ]);
      expect(answer.body.missing).toEqual([]);
    });

    it('tells a label selector that cannot be read', async () => {
      const answer = await request(await start()).get(modulesOf('unreadable'));

      expect(answer.status).toBe(200);
      expect(answer.body.problems).toEqual([
        expect.objectContaining({
          code: 'INPUT_INVALID',
          message: expect.stringContaining('"tier in"'),
        }),
      ]);
    });

    it("does not show another entity's module under this one", async () => {
      const answer = await request(await start()).get(
        `${modulesOf('pay')}/prod/shop/bank`,
      );

      expect(answer.status).toBe(404);
      expect(answer.body.error.code).toBe('MODULE_NOT_FOUND');
    });

    it('reads logs, as many lines as asked for', async () => {
      prod.setLogs({ namespace: 'shop', name: 'pay' }, ['one', 'two', 'three']);
      const server = await start();

      const answer = await request(server).get(`${PAY}/logs?tailLines=2`);

      expect(answer.body).toEqual({ lines: ['two', 'three'] });
      expect(
        (await request(server).get(`${PAY}/logs?tailLines=0`)).status,
      ).toBe(400);
    });

    it('tells as part of the answer that an artifact cannot be read', async () => {
      await prod.patch(
        { namespace: 'shop', name: 'pay' },
        { spec: { image: 'elsewhere.example.com/pay:1' } },
      );

      const answer = await request(await start()).get(`${PAY}/artifact`);

      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        image: 'elsewhere.example.com/pay:1',
        annotations: {},
        problem: expect.objectContaining({
          code: 'REGISTRY_NOT_ALLOWED',
          severity: 'error',
        }),
      });
    });

    it('tells what this backend can build and where to', async () => {
      const answer = await request(await start()).get('/api/wasi/v1/info');

      expect(answer.body).toEqual({
        runtimes: expect.arrayContaining([
          expect.objectContaining({ name: 'js-wasi', available: false }),
        ]),
        clusters: [{ name: 'prod' }],
        registries: ['localhost:5000/team'],
      });
    });
  });

  describe('creating', () => {
    const body = {
      module: {
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: {
          name: 'fresh',
          namespace: 'shop',
          annotations: { 'backstage.io/entity-ref': 'component:default/bank' },
          labels: { 'backstage.io/kubernetes-id': 'bank', tier: 'front' },
          finalizers: ['never/delete'],
        },
        spec: { image },
        status: { address: { url: 'http://evil' } },
      },
    };

    it('writes the entity of the address on the module, whatever the body says', async () => {
      const audit = jest.fn();
      const answer = await request(await start({ audit }))
        .post(modulesOf('pay'))
        .send(body);

      expect(answer.status).toBe(201);
      expect(answer.body.ref).toEqual({
        cluster: 'prod',
        namespace: 'shop',
        name: 'fresh',
      });
      const stored = await prod.get({ namespace: 'shop', name: 'fresh' });
      expect(stored.metadata).toMatchObject({
        labels: { 'backstage.io/kubernetes-id': 'pay', tier: 'front' },
        annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
      });
      expect(stored.metadata.finalizers).toBeUndefined();
      expect(stored.status).toBeUndefined();
      expect(audit.mock.calls).toEqual([
        [
          {
            eventId: 'module-create',
            severityLevel: 'medium',
            meta: { kind: 'component', namespace: 'default', name: 'pay' },
            ended: 'success',
          },
        ],
      ]);
    });

    it('can be read back at once', async () => {
      const server = await start();
      await request(server).post(modulesOf('pay')).send(body);

      const list = await request(server).get(modulesOf('pay'));

      expect(
        list.body.items.map(({ ref }: { ref: { name: string } }) => ref.name),
      ).toEqual(['pay', 'fresh']);
    });

    it('refuses a name that is taken', async () => {
      const answer = await request(await start())
        .post(modulesOf('pay'))
        .send({
          module: {
            ...body.module,
            metadata: { name: 'bank', namespace: 'shop' },
          },
        });

      expect(answer.status).toBe(409);
      expect(answer.body.error.code).toBe('MODULE_EXISTS');
    });

    it.each([
      { what: 'no module', sent: {}, code: 'INPUT_INVALID' },
      {
        what: 'an unknown field',
        sent: { module: {}, extra: 1 },
        code: 'INPUT_INVALID',
      },
      {
        what: 'what the runner cannot run',
        sent: {
          module: {
            ...body.module,
            spec: { image: 'Not An Image' },
          },
        },
        code: 'MODULE_INVALID',
      },
      {
        what: 'a masked value that the cluster has not',
        sent: {
          module: {
            ...body.module,
            spec: { image, env: [{ name: 'TOKEN', value: MASKED_VALUE }] },
          },
        },
        code: 'INPUT_INVALID',
      },
    ])('refuses $what', async ({ sent, code }) => {
      const answer = await request(await start())
        .post(modulesOf('pay'))
        .send(sent);

      expect(answer.status).toBe(400);
      expect(answer.body.error).toMatchObject({
        code,
        remedy: expect.any(String),
      });
    });
  });

  describe('replacing', () => {
    it('changes what was sent and keeps what was masked', async () => {
      const server = await start();
      const { module } = (await request(server).get(PAY)).body;
      module.spec.env[0].value = 'red';

      const answer = await request(server).put(PAY).send(module);

      expect(answer.status).toBe(200);
      const stored = await prod.get({ namespace: 'shop', name: 'pay' });
      expect(stored.spec.env).toEqual([
        { name: 'COLOUR', value: 'red' },
        { name: 'DB_PASSWORD', value: 'hunter2' },
        { name: 'DB', value: 'postgres://me:hunter2@db/shop' },
      ]);
      expect(stored.metadata.annotations).toEqual({
        'backstage.io/entity-ref': 'component:default/pay',
        'kubectl.kubernetes.io/last-applied-configuration': '{"secret":1}',
      });
      expect(answer.text).not.toContain('hunter2');
    });

    it('refuses when somebody else was quicker', async () => {
      const server = await start();
      const { module } = (await request(server).get(PAY)).body;
      await prod.patch(
        { namespace: 'shop', name: 'pay' },
        { spec: { args: ['x'] } },
      );

      const answer = await request(server).put(PAY).send(module);

      expect(answer.status).toBe(409);
      expect(answer.body.error.code).toBe('MODULE_CONFLICT');
    });

    it.each([
      {
        what: 'another name than the address',
        change: { name: 'other' },
      },
      { what: 'no version', change: { resourceVersion: undefined } },
      {
        what: 'another owner',
        change: {
          annotations: { 'backstage.io/entity-ref': 'component:default/bank' },
        },
      },
    ])('refuses $what', async ({ change }) => {
      const server = await start();
      const { module } = (await request(server).get(PAY)).body;

      const answer = await request(server)
        .put(PAY)
        .send({ ...module, metadata: { ...module.metadata, ...change } });

      expect(answer.status).toBe(400);
      expect(answer.body.error.code).toBe('INPUT_INVALID');
    });
  });

  describe('patching', () => {
    it('merges into spec, labels and annotations', async () => {
      const answer = await request(await start())
        .patch(PAY)
        .set('content-type', 'application/merge-patch+json')
        .send(
          JSON.stringify({
            metadata: { labels: { tier: 'front' } },
            spec: { args: ['a'], env: null },
          }),
        );

      expect(answer.status).toBe(200);
      expect(answer.body.module).toMatchObject({
        metadata: { labels: { tier: 'front' } },
        spec: { image, args: ['a'] },
      });
      expect(answer.body.module.spec.env).toBeUndefined();
    });

    it('keeps masked values of the cluster', async () => {
      await request(await start())
        .patch(PAY)
        .send({
          spec: {
            env: [
              { name: 'DB_PASSWORD', value: MASKED_VALUE },
              { name: 'NEW', value: '1' },
            ],
          },
        });

      const stored = await prod.get({ namespace: 'shop', name: 'pay' });
      expect(stored.spec.env).toEqual([
        { name: 'DB_PASSWORD', value: 'hunter2' },
        { name: 'NEW', value: '1' },
      ]);
    });

    it.each([
      { what: 'status', patch: { status: {} } },
      { what: 'finalizers', patch: { metadata: { finalizers: [] } } },
      {
        what: 'the owner',
        patch: {
          metadata: { annotations: { 'backstage.io/entity-ref': null } },
        },
      },
      { what: 'an image that is none', patch: { spec: { image: 'Not One' } } },
    ])('refuses to change $what', async ({ patch }) => {
      const before = await prod.get({ namespace: 'shop', name: 'pay' });

      const answer = await request(await start())
        .patch(PAY)
        .send(patch);

      expect(answer.status).toBe(400);
      await expect(
        prod.get({ namespace: 'shop', name: 'pay' }),
      ).resolves.toEqual(before);
    });
  });

  describe('deleting', () => {
    it('answers with nothing, and the module is gone', async () => {
      const answer = await request(await start()).delete(PAY);

      expect(answer.status).toBe(204);
      await expect(
        prod.get({ namespace: 'shop', name: 'pay' }),
      ).rejects.toMatchObject({ code: 'MODULE_NOT_FOUND' });
    });

    it('says when there is nothing to delete', async () => {
      const answer = await request(await start()).delete(
        `${modulesOf('pay')}/prod/shop/gone`,
      );

      expect(answer.status).toBe(404);
      expect(answer.body.error.code).toBe('MODULE_NOT_FOUND');
    });
  });

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
      stops.push(
        () => new Promise(resolve => server.close(() => resolve(undefined))),
      );
      const { port } = server.address() as AddressInfo;
      return { url: `http://localhost:${port}/`, seen };
    }

    it("calls the module and sends nothing of the caller's own request", async () => {
      const { url, seen } = await startModule();
      prod.setReady({ namespace: 'shop', name: 'pay' }, url);

      const answer = await request(await start())
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
      const answer = await request(await start())
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
      { permission: 'wasi.module.read', method: 'get', path: `${PAY}/logs` },
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
        const server = await start({ deny: permission, audit });
        const get = jest.spyOn(prod, 'get');

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
      const answer = await request(await start())
        [method](path)
        .set('authorization', mockCredentials.none.header())
        .send(method === 'get' ? undefined : {});

      expect(answer.status).toBe(401);
    });

    it('an entity that the catalog does not have', async () => {
      const answer = await request(await start()).get(modulesOf('nobody'));

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
        await prod.patch(ref, {
          metadata: {
            annotations: { 'backstage.io/entity-ref': null },
            labels: { 'backstage.io/kubernetes-id': 'team-a' },
          },
        });
        prod.setReady(ref, 'http://localhost:1');
        const before = await prod.get(ref);
        const server = await start();
        const address = `${modulesOf(through)}/prod/shop/pay`;
        const read = await request(server).get(address);
        expect(read.status).toBe(200);

        const answer = await request(server)
          [method](`${address}${path}`)
          .send(sent === 'as read' ? read.body.module : sent);

        expect(answer.status).toBe(409);
        expect(answer.body.error.code).toBe('MODULE_OWNED_BY_OTHER');
        await expect(
          prod.get({ namespace: 'shop', name: 'pay' }),
        ).resolves.toEqual(before);
      },
    );
  });
});
