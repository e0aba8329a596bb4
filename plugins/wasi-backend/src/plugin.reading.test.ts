import {
  MASKED_VALUE,
  WasiError,
  type ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import request from 'supertest';
import {
  BackendUnderTest,
  image,
  modulesOf,
  PAY,
  wasmModule,
} from './__testUtils__/BackendUnderTest';

describe('the backend plugin, reading', () => {
  let backend: BackendUnderTest;

  beforeEach(() => {
    backend = new BackendUnderTest();
  });

  afterEach(() => backend.stop());

  describe('reading', () => {
    it('shows the modules of an entity without secrets or noise', async () => {
      const answer = await request(await backend.start()).get(modulesOf('pay'));

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
        answeredAt: expect.stringMatching(/^\d{4}-.*Z$/),
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
      backend.prod.setEvents(ref, [event]);
      const server = await backend.start();

      expect((await request(server).get(PAY)).body.events).toEqual([event]);

      backend.prod.setReady(ref, 'http://pay.example.com');
      await new Promise(resolve => setImmediate(resolve));
      const ready = await request(server).get(PAY);
      expect(ready.body.health.state).toBe('ready');
      expect(ready.body.events).toEqual([event]);
    });

    it('reads events of some modules where they may not be watched, and says where it did not', async () => {
      const names = Array.from({ length: 21 }, (_, index) => `many-${index}`);
      const prod = new FakeWasmModuleClient('prod', [
        ...names.map(name => wasmModule(name, 'pay')),
      ]);
      prod.refuse(
        'events',
        new WasiError('CLUSTER_FORBIDDEN', { message: 'no events for you' }),
      );
      for (const name of names) {
        prod.setEvents({ namespace: 'shop', name }, [
          { type: 'Normal', reason: 'Seen', message: 'yes', count: 1 },
        ]);
      }
      backend.clusters = createFakeClusters([prod]);

      const answer = await request(await backend.start()).get(modulesOf('pay'));

      const without = answer.body.items.filter(
        ({ events }: ModuleView) => events.length === 0,
      );
      expect(without).toHaveLength(1);
      expect(without[0].findings).toContainEqual(
        expect.objectContaining({ code: 'EVENTS_NOT_READ', path: 'events' }),
      );
    });

    it('loses only the reason where a cluster does not tell its Knative Services', async () => {
      for (const resource of ['services', 'revisions'] as const) {
        backend.prod.refuse(
          resource,
          new WasiError('KNATIVE_MISSING', {
            message: 'Cluster "prod" does not serve Knative Services.',
          }),
        );
      }
      const server = await backend.start();

      const starting = await request(server).get(PAY);
      expect(starting.body.findings).toContainEqual({
        code: 'KNATIVE_MISSING',
        severity: 'info',
        path: 'status',
        message:
          'The reason may be missing: Cluster "prod" does not serve Knative Services.',
        remedy: expect.stringContaining('Install Knative'),
      });

      const ref = { namespace: 'shop', name: 'pay' };
      backend.prod.setReady(ref, 'http://pay.example.com');
      await new Promise(resolve => setImmediate(resolve));
      const ready = await request(server).get(PAY);
      expect(ready.body.health.state).toBe('ready');
      expect(JSON.stringify(ready.body.findings)).not.toContain('KNATIVE');
    });

    it('tells a module that sleeps from one that runs', async () => {
      const ref = { namespace: 'shop', name: 'pay' };
      backend.prod.setReady(ref, 'http://pay.example.com');
      backend.prod.setRevisions(ref, [
        {
          name: 'pay-00001',
          conditions: [
            { type: 'Active', status: 'False', reason: 'NoTraffic' },
          ],
        },
      ]);

      const answer = await request(await backend.start()).get(PAY);

      expect(answer.body.health).toEqual({
        state: 'idle',
        reason: 'NoTraffic',
        message:
          'The module is ready at http://pay.example.com and scaled to zero: the next request starts it.',
      });
    });

    it('finds in the log why a module failed, without showing a line of it', async () => {
      const ref = { namespace: 'shop', name: 'pay' };
      backend.prod.setStatus(ref, {
        observedGeneration: 1,
        conditions: [
          { type: 'Ready', status: 'False', reason: 'RevisionFailed' },
        ],
      });
      backend.prod.setLogs(ref, [
        'password=hunter2',
        'Error: no exported instance named `wasi:http/incoming-handler`',
      ]);

      const answer = await request(await backend.start()).get(PAY);

      expect(answer.body.health).toMatchObject({
        state: 'failed',
        code: 'MODULE_NOT_HTTP',
        remedy: expect.stringMatching(/\w/),
      });
      expect(answer.text).not.toContain('hunter2');
    });

    it('asks the cluster no more for many viewers than for none', async () => {
      const asked: string[] = [];
      const { prod } = backend;
      const server = await backend.start();
      await request(server).get(modulesOf('pay'));
      for (const verb of [
        'list',
        'get',
        'watch',
        'events',
        'logs',
        'listCompanions',
        'watchCompanions',
        'latestVersion',
      ] as const) {
        jest.spyOn(prod, verb).mockImplementation(() => {
          asked.push(verb);
          throw new Error(`nobody should ask for ${verb}`);
        });
      }

      const answers = await Promise.all(
        Array.from({ length: 50 }, () => request(server).get(modulesOf('pay'))),
      );

      expect(new Set(answers.map(({ status }) => status))).toEqual(
        new Set([200]),
      );
      expect(asked).toEqual([]);
      jest.restoreAllMocks();
    });

    it('answers for an entity without modules, and says nothing else', async () => {
      const answer = await request(await backend.start()).get(
        modulesOf('plain'),
      );

      expect(answer.body).toEqual({
        items: [],
        problems: [],
        missing: [],
        answeredAt: expect.any(String),
      });
    });

    it('tells what is missing, and what a dead cluster leaves open', async () => {
      const dead = new FakeWasmModuleClient('dead');
      dead.down = new WasiError('CLUSTER_UNREACHABLE', {
        message: 'Cluster "dead" cannot be reached.',
      });
      backend.clusters = createFakeClusters([backend.prod, dead]);

      const answer = await request(await backend.start()).get(
        modulesOf('linked'),
      );

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
      backend.clusters = createFakeClusters([backend.prod, dead]);

      const answer = await request(await backend.start()).get(
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
      await backend.prod.patch(
        { namespace: 'shop', name: 'bank' },
        { metadata: { labels: { 'backstage.io/kubernetes-id': 'team-a' } } },
      );

      const answer = await request(await backend.start()).get(
        modulesOf('selecting'),
      );

      expect(
        answer.body.items.map(({ ref }: { ref: { name: string } }) => ref.name),
      ).toEqual(['bank']);
    });

    it('shows the modules that an entity names rightly, beside what it names wrongly', async () => {
      const answer = await request(await backend.start()).get(
        modulesOf('strange'),
      );

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
      const answer = await request(await backend.start()).get(
        modulesOf('unreadable'),
      );

      expect(answer.status).toBe(200);
      expect(answer.body.problems).toEqual([
        expect.objectContaining({
          code: 'INPUT_INVALID',
          message: expect.stringContaining('"tier in"'),
        }),
      ]);
    });

    it("does not show another entity's module under this one", async () => {
      const answer = await request(await backend.start()).get(
        `${modulesOf('pay')}/prod/shop/bank`,
      );

      expect(answer.status).toBe(404);
      expect(answer.body.error.code).toBe('MODULE_NOT_FOUND');
    });

    it('reads logs, as many lines as asked for', async () => {
      backend.prod.setLogs({ namespace: 'shop', name: 'pay' }, [
        'one',
        'two',
        'three',
      ]);
      const server = await backend.start();

      const answer = await request(server).get(`${PAY}/logs?tailLines=2`);

      expect(answer.body).toEqual({ lines: ['two', 'three'] });
      expect(
        (await request(server).get(`${PAY}/logs?tailLines=0`)).status,
      ).toBe(400);
    });

    it('tells as part of the answer that an artifact cannot be read', async () => {
      await backend.prod.patch(
        { namespace: 'shop', name: 'pay' },
        { spec: { image: 'elsewhere.example.com/pay:1' } },
      );

      const answer = await request(await backend.start()).get(
        `${PAY}/artifact`,
      );

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
      const answer = await request(await backend.start()).get(
        '/api/wasi/v1/info',
      );

      expect(answer.body).toEqual({
        runtimes: expect.arrayContaining([
          expect.objectContaining({ name: 'js-wasi', available: false }),
        ]),
        clusters: [{ name: 'prod', identity: { kind: 'service-account' } }],
        registries: ['localhost:5000/team'],
      });
    });
  });
});
