import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { CachedModule } from '@wasi-functions/backstage-plugin-wasi-node';
import { ReadableModules } from './ReadableModules';

const heard = { problems: () => [], settled: async () => {} };
const credentials = mockCredentials.user('user:default/jane');

function cached(name: string, owner: string | undefined): CachedModule {
  return {
    ref: { cluster: 'prod', namespace: 'shop', name },
    observedAt: '2026-11-21T00:00:00Z',
    module: {
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: {
        name,
        namespace: 'shop',
        annotations: owner ? { 'backstage.io/entity-ref': owner } : {},
      },
      spec: { image: 'x' },
    },
  };
}

/** Modules `m000`…, whose entities may be read where `readable` says so. */
function modulesOf(count: number, readable: (index: number) => boolean) {
  const names = Array.from(
    { length: count },
    (_, index) => `m${String(index).padStart(3, '0')}`,
  );
  const authorize = jest.fn(async (requests: { resourceRef?: string }[]) =>
    requests.map(({ resourceRef }) => ({
      result: readable(Number(resourceRef!.slice(-3)))
        ? AuthorizeResult.ALLOW
        : AuthorizeResult.DENY,
    })),
  );
  const modules = new ReadableModules({
    cache: {
      ...heard,
      find: () => ({
        // In no order.
        items: [...names]
          .reverse()
          .map(name => cached(name, `Component:default/${name}`)),
        rejected: [],
      }),
    },
    catalog: catalogServiceMock({
      entities: names.map(name => ({
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Component',
        metadata: { name, namespace: 'default' },
      })),
    }),
    permissions: mockServices.permissions.mock({
      authorize: authorize as never,
    }),
  });
  return { modules, authorize };
}

const idsOf = ({ items }: { items: { id: string }[] }) =>
  items.map(({ id }) => id);

describe('a page of the modules that a caller may read', () => {
  it('is full although most may not be read, and tells if there are more', async () => {
    const { modules } = modulesOf(500, index => index % 100 === 7);

    const first = await modules.page({ credentials, limit: 3 });
    const second = await modules.page({
      credentials,
      limit: 3,
      after: idsOf(first).at(-1),
    });

    expect([idsOf(first), first.more]).toEqual([
      ['prod/shop/m007', 'prod/shop/m107', 'prod/shop/m207'],
      true,
    ]);
    expect([idsOf(second), second.more]).toEqual([
      ['prod/shop/m307', 'prod/shop/m407'],
      false,
    ]);
  });

  it('asks for no more entities than it needs', async () => {
    const { modules, authorize } = modulesOf(500, () => true);

    await modules.page({ credentials, limit: 50 });

    expect(authorize).toHaveBeenCalledTimes(1);
    expect(authorize.mock.calls[0][0]).toHaveLength(100);
  });

  it('has no module without an entity, or whose entity the catalog does not show', async () => {
    const modules = new ReadableModules({
      cache: {
        ...heard,
        find: () => ({
          items: [
            cached('orphan', undefined),
            cached('gone', 'component:default/gone'),
            cached('strange', 'a/b/c'),
            cached('pay', 'component:default/pay'),
          ],
          rejected: [],
        }),
      },
      catalog: catalogServiceMock({
        entities: [
          {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'Component',
            metadata: { name: 'pay', namespace: 'default' },
          },
        ],
      }),
      permissions: mockServices.permissions({
        result: AuthorizeResult.ALLOW,
      }),
    });

    expect(idsOf(await modules.page({ credentials, limit: 10 }))).toEqual([
      'prod/shop/pay',
    ]);
  });
});
