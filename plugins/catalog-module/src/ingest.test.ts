import {
  coreServices,
  createBackendModule,
  type SchedulerServiceTaskFunction,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import {
  catalogProcessingExtensionPoint,
  catalogServiceRef,
  type EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import request from 'supertest';
import { component, ingested, wasmModule } from './__fixtures__/modules';
import { addWasmModuleProviders } from './addWasmModuleProviders';

const MODULE = 'wasm.serving.knative.dev/module';
const WORLD = 'package root:component;\n\nworld root {}\n';

/** The catalog as it is installed, on SQLite, with what users registered. */
class CatalogUnderTest {
  readonly prod = new FakeWasmModuleClient('prod');
  readonly test = new FakeWasmModuleClient('test');
  readonly #tasks = new Map<string, SchedulerServiceTaskFunction>();
  #backend!: TestBackend;
  #users!: EntityProviderConnection;

  async start(): Promise<void> {
    const scheduler = mockServices.scheduler.mock({
      createScheduledTaskRunner: () => ({
        run: async ({ id, fn }) => {
          this.#tasks.set(id, fn);
        },
      }),
    });
    const clusters = createFakeClusters([this.prod, this.test]);
    const connect = (users: EntityProviderConnection) => {
      this.#users = users;
    };
    this.#backend = await startTestBackend({
      features: [
        catalogPlugin,
        scheduler.factory,
        mockServices.rootConfig.factory({
          data: {
            catalog: {
              providers: {
                wasi: {
                  all: {
                    owner: 'platform',
                    apis: true,
                    schedule: {
                      frequency: { hours: 1 },
                      timeout: { minutes: 1 },
                    },
                  },
                },
              },
            },
          },
        }),
        createBackendModule({
          pluginId: 'catalog',
          moduleId: 'under-test',
          register(env) {
            env.registerInit({
              deps: {
                auth: coreServices.auth,
                catalog: catalogServiceRef,
                config: coreServices.rootConfig,
                logger: coreServices.logger,
                processing: catalogProcessingExtensionPoint,
              },
              async init(deps) {
                deps.processing.addEntityProvider({
                  getProviderName: () => 'users',
                  connect: async users => connect(users),
                });
                addWasmModuleProviders({
                  ...deps,
                  scheduler,
                  clusters: () => clusters,
                  worlds: () => ({
                    of: async images =>
                      new Map(
                        images
                          .filter(image => image.includes('/worldly@'))
                          .map(image => [image, WORLD]),
                      ),
                  }),
                });
              },
            });
          },
        }),
      ],
    });
  }

  stop(): Promise<void> {
    return this.#backend.stop();
  }

  async register(...entities: Entity[]): Promise<void> {
    await this.#users.applyMutation({
      type: 'full',
      entities: entities.map(entity => ({ entity, locationKey: 'users' })),
    });
  }

  async refresh(cluster: 'prod' | 'test' = 'prod'): Promise<void> {
    const run = this.#tasks.get(`wasi:all:${cluster}`)!;
    await run(new AbortController().signal);
  }

  async entities(): Promise<Map<string, Entity>> {
    const { body } = await request(this.#backend.server)
      .get('/api/catalog/entities')
      .expect(200);
    return new Map(
      (body as Entity[]).map(entity => [
        `${entity.kind.toLowerCase()}:default/${entity.metadata.name}`,
        entity,
      ]),
    );
  }

  /** Once the catalog has processed what it was told. */
  async settledOn(...refs: string[]): Promise<Map<string, Entity>> {
    const wanted = refs.sort().join();
    for (;;) {
      const entities = await this.entities();
      if ([...entities.keys()].sort().join() === wanted) {
        return entities;
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
}

// The catalog takes a second or two for each change.
jest.setTimeout(60_000);

describe('the modules of clusters in the catalog', () => {
  const catalog = new CatalogUnderTest();

  beforeAll(() => catalog.start());
  afterAll(() => catalog.stop());

  beforeEach(async () => {
    for (const client of [catalog.prod, catalog.test]) {
      client.down = undefined;
      for (const { metadata } of (await client.list()).items) {
        await client.delete({ namespace: 'shop', name: metadata.name });
      }
    }
    await catalog.register();
    await catalog.refresh();
    await catalog.refresh('test');
    await catalog.settledOn();
  });

  it('appear as Components of each cluster, and go with the module', async () => {
    await catalog.prod.create(wasmModule('pay'));
    catalog.prod.setReady(
      { namespace: 'shop', name: 'pay' },
      'http://pay.example.com',
    );
    await catalog.test.create(wasmModule('pay'));

    await catalog.refresh();
    await catalog.refresh('test');

    const entities = await catalog.settledOn(
      ingested('pay'),
      ingested('pay', 'test'),
    );
    expect(entities.get(ingested('pay'))).toMatchObject({
      metadata: {
        title: 'pay',
        annotations: {
          [MODULE]: 'shop/pay',
          'backstage.io/kubernetes-cluster': 'prod',
        },
        links: [{ url: 'http://pay.example.com' }],
      },
      spec: { type: 'wasm-function', owner: 'group:default/platform' },
    });

    await catalog.prod.delete({ namespace: 'shop', name: 'pay' });
    await catalog.refresh();
    await catalog.settledOn(ingested('pay', 'test'));
  });

  it('provide the world of their image as an API', async () => {
    await catalog.prod.create(wasmModule('worldly'));
    await catalog.refresh();

    const worldly = ingested('worldly');
    const api = worldly.replace('component:', 'api:');
    const entities = await catalog.settledOn(worldly, api);
    expect(entities.get(worldly)?.spec).toMatchObject({
      providesApis: [api],
    });
    expect(entities.get(api)).toMatchObject({
      spec: {
        type: 'wit',
        owner: 'group:default/platform',
        lifecycle: 'production',
        definition: WORLD,
      },
    });
  });

  it('stay while their cluster cannot be heard, and delay no other cluster', async () => {
    await catalog.prod.create(wasmModule('pay'));
    await catalog.refresh();
    await catalog.settledOn(ingested('pay'));

    catalog.prod.down = new WasiError('CLUSTER_UNREACHABLE', {
      message: 'Cluster "prod" cannot be reached.',
    });
    await catalog.test.create(wasmModule('new'));
    await expect(catalog.refresh()).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
    });
    await catalog.refresh('test');

    await catalog.settledOn(ingested('pay'), ingested('new', 'test'));
  });

  it('give way once an entity names the module, and come back when that goes', async () => {
    await catalog.prod.create(wasmModule('pay'));
    await catalog.refresh();
    await catalog.settledOn(ingested('pay'));

    await catalog.register(component('orders', { [MODULE]: 'prod/shop/pay' }));
    await catalog.settledOn('component:default/orders', ingested('pay'));
    await catalog.refresh();
    await catalog.settledOn('component:default/orders');

    await catalog.register();
    await catalog.settledOn();
    await catalog.refresh();
    const entities = await catalog.settledOn(ingested('pay'));
    expect(entities.get(ingested('pay'))?.metadata.title).toBe('pay');
  });
});
