import { hello, ref, useClusters } from './__testUtils__/useClusters';

const { connect } = useClusters();

const owner = { apiVersion: hello.apiVersion, kind: 'WasmModule' };
const service = (name: string) => ({
  metadata: {
    name,
    namespace: 'shop',
    ownerReferences: [{ ...owner, name }],
  },
});
const revision = (of: string) => ({
  metadata: {
    name: `${of}-00001`,
    namespace: 'shop',
    labels: { 'serving.knative.dev/service': of },
  },
  spec: { containers: [{ env: [{ name: 'WASI_CONFIG' }] }] },
});
const event = (of: string) => ({
  metadata: { name: `${of}.1`, namespace: 'shop' },
  involvedObject: {
    kind: 'Pod',
    namespace: 'shop',
    name: `${of}-00001-deployment-x-y`,
  },
  type: 'Warning',
  reason: 'BackOff',
});

describe('what tells of one module', () => {
  it.each([
    {
      resource: 'services' as const,
      row: service,
      query: { fieldSelector: 'metadata.name=hello', limit: '500' },
    },
    {
      resource: 'revisions' as const,
      row: revision,
      query: {
        labelSelector: 'serving.knative.dev/service=hello',
        limit: '500',
      },
    },
    { resource: 'events' as const, row: event, query: { limit: '500' } },
  ])(
    'is asked for as narrowly as can be, and nothing else is kept: $resource',
    async ({ resource, row, query }) => {
      const { client, requests } = await connect(() => ({
        json: {
          metadata: { resourceVersion: '9' },
          items: [row('hello'), row('hello-2')],
        },
      }));

      const { items } = await client.listCompanions(resource, ref);

      expect(items.map(({ name }) => name)).toEqual(['hello']);
      expect(requests).toEqual([
        expect.objectContaining({
          path: expect.stringMatching(
            new RegExp(`/namespaces/shop/${resource}$`),
          ),
          query,
        }),
      ]);
    },
  );
});

describe('a Knative Service of the name of a module', () => {
  const { ownerReferences, ...unowned } = service('hello').metadata;
  const tells = (...items: object[]) =>
    connect(() => ({ json: { metadata: { resourceVersion: '9' }, items } }));

  it.each([
    { whose: 'that nobody owns', row: { metadata: unowned }, foreign: true },
    {
      whose: 'of another kind of owner',
      row: {
        metadata: {
          ...unowned,
          ownerReferences: [
            { apiVersion: 'flows.knative.dev/v1', kind: 'Sequence', name: 'a' },
          ],
        },
      },
      foreign: true,
    },
    { whose: 'of the module', row: service('hello'), foreign: false },
  ])('is told apart: $whose', async ({ row, foreign }) => {
    const { client, requests } = await tells(row);
    await expect(client.hasForeignService(ref)).resolves.toBe(foreign);
    expect(requests).toEqual([
      expect.objectContaining({
        method: 'GET',
        path: '/apis/serving.knative.dev/v1/namespaces/shop/services',
        query: { fieldSelector: 'metadata.name=hello', limit: '500' },
      }),
    ]);
  });

  it('is nobody else’s where there is none', async () => {
    const { client } = await tells();
    await expect(client.hasForeignService(ref)).resolves.toBe(false);
  });

  it('is not known where it may not be read', async () => {
    const { client } = await connect(() => ({ status: 403, json: {} }));
    await expect(client.hasForeignService(ref)).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
    });
  });
});
