import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import { component, ingested, wasmModule } from './__fixtures__/modules';
import { WasmModuleEntityProvider } from './WasmModuleEntityProvider';

const MODULE = 'wasm.serving.knative.dev/module';
const ENTITY_REF = 'backstage.io/entity-ref';
const ORPHANED = 'wasm.serving.knative.dev/orphaned-from';
const NOW = new Date('2026-11-21T12:00:00Z');

/** What one run makes of modules on the cluster `prod` and entities in the catalog. */
async function ingest(
  modules: WasmModule[],
  entities: Entity[] = [],
  config: { namespaces?: string[]; labelSelector?: string } = {},
): Promise<Map<string, Entity>> {
  const prod = new FakeWasmModuleClient('prod', modules);
  const provider = new WasmModuleEntityProvider({
    config: {
      id: 'all',
      owner: 'group:default/platform',
      apis: false,
      schedule: { frequency: { hours: 1 }, timeout: { minutes: 1 } },
      ...config,
    },
    cluster: 'prod',
    clusters: createFakeClusters([prod]),
    catalog: catalogServiceMock({ entities }),
    auth: mockServices.auth(),
    logger: mockServices.logger.mock(),
    runner: { run: async () => {} },
    now: () => NOW,
  });
  const applyMutation = jest.fn();
  await provider.connect({ applyMutation, refresh: jest.fn() });
  await provider.refresh(new AbortController().signal);
  const [{ type, entities: added }] = applyMutation.mock.calls[0];
  expect(type).toBe('full');
  return new Map(
    added.map(({ entity }: { entity: Entity }) => [
      `component:default/${entity.metadata.name}`,
      entity,
    ]),
  );
}

describe('ingesting the modules of a cluster', () => {
  it.each<{
    how: string;
    annotations: Record<string, string>;
    metadata: Partial<WasmModule['metadata']>;
  }>([
    {
      how: 'by name',
      annotations: { [MODULE]: 'prod/shop/pay' },
      metadata: {},
    },
    {
      how: 'by name, on whatever cluster',
      annotations: { [MODULE]: 'other, shop/pay' },
      metadata: {},
    },
    {
      how: 'by its id',
      annotations: { 'backstage.io/kubernetes-id': 'pay' },
      metadata: { labels: { 'backstage.io/kubernetes-id': 'pay' } },
    },
    {
      how: 'by a label selector',
      annotations: { 'backstage.io/kubernetes-label-selector': 'app in (pay)' },
      metadata: { labels: { app: 'pay' } },
    },
    {
      how: 'in no way, but the module names it',
      annotations: {},
      metadata: { annotations: { [ENTITY_REF]: 'Component:default/Orders' } },
    },
  ])(
    'doubles no entity that names the module $how',
    async ({ annotations, metadata }) => {
      const entities = await ingest(
        [wasmModule('pay', metadata), wasmModule('bill')],
        [component('Orders', annotations)],
      );

      expect([...entities.keys()]).toEqual([ingested('bill')]);
    },
  );

  it.each<Record<string, string>>([
    { [MODULE]: 'test/shop/pay' },
    { [MODULE]: 'pay' },
    { 'backstage.io/kubernetes-id': 'bill' },
    {
      'backstage.io/kubernetes-id': 'pay',
      'backstage.io/kubernetes-namespace': 'bank',
    },
    { 'backstage.io/kubernetes-label-selector': 'tier in' },
    {
      [MODULE]: 'prod/shop/pay',
      'backstage.io/managed-by-origin-location': 'wasm-module:prod/shop/pay',
    },
  ])(
    'keeps a Component beside an entity that does not name the module: %j',
    async annotations => {
      const labels = { 'backstage.io/kubernetes-id': 'pay' };
      const entities = await ingest(
        [wasmModule('pay', { labels })],
        [component('orders', annotations)],
      );

      expect([...entities.keys()]).toEqual([ingested('pay')]);
    },
  );

  it('says which entity is gone, unless it may still come', async () => {
    const annotations = { [ENTITY_REF]: 'component:default/gone' };
    const entities = await ingest([
      wasmModule('old', {
        annotations,
        creationTimestamp: '2026-11-21T11:49:00Z',
      }),
      wasmModule('fresh', {
        annotations,
        creationTimestamp: '2026-11-21T11:51:00Z',
      }),
      wasmModule('strange', { annotations: { [ENTITY_REF]: 'a:b:c' } }),
    ]);

    expect(
      [...entities].map(([ref, { metadata }]) => [
        ref,
        metadata.annotations?.[ORPHANED],
      ]),
    ).toEqual([
      [ingested('old'), 'component:default/gone'],
      [ingested('strange'), undefined],
    ]);
  });

  it('keeps the Component that the module names as its own', async () => {
    const module = wasmModule('pay', {
      annotations: { [ENTITY_REF]: ingested('pay') },
    });
    const first = await ingest([module]);
    const again = await ingest([module], [...first.values()]);

    expect(again).toEqual(first);
    expect(
      again.get(ingested('pay'))?.metadata.annotations?.[ORPHANED],
    ).toBeUndefined();
  });

  it('lists only the namespaces and labels of its configuration', async () => {
    const entities = await ingest(
      [
        wasmModule('pay', { labels: { env: 'production' } }),
        wasmModule('draft', { labels: { env: 'test' } }),
        wasmModule('far', {
          namespace: 'bank',
          labels: { env: 'production' },
        }),
      ],
      [],
      { namespaces: ['shop'], labelSelector: 'env=production' },
    );

    expect([...entities.keys()]).toEqual([ingested('pay')]);
  });
});
