import { readModuleLinks } from './readModuleLinks';

function entityWith(annotations?: Record<string, string>) {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'orders', ...(annotations && { annotations }) },
  };
}
const MODULE = 'wasm.serving.knative.dev/module';

describe('readModuleLinks', () => {
  it.each([
    ['orders', [{ name: 'orders' }]],
    ['shop/orders', [{ namespace: 'shop', name: 'orders' }]],
    [
      'eu-1/shop/orders',
      [{ cluster: 'eu-1', namespace: 'shop', name: 'orders' }],
    ],
    [
      ' eu-1/shop/orders , staging/orders,orders ,',
      [
        { cluster: 'eu-1', namespace: 'shop', name: 'orders' },
        { namespace: 'staging', name: 'orders' },
        { name: 'orders' },
      ],
    ],
    ['orders,orders', [{ name: 'orders' }]],
    [
      'arn:aws:eks:eu-1.Prod_2/shop/orders',
      [
        {
          cluster: 'arn:aws:eks:eu-1.Prod_2',
          namespace: 'shop',
          name: 'orders',
        },
      ],
    ],
  ])('reads %j', (value, links) => {
    expect(readModuleLinks(entityWith({ [MODULE]: value }))).toEqual({
      links,
      findings: [],
    });
  });

  it('takes cluster and namespace from the Kubernetes annotations where a name leaves them out', () => {
    expect(
      readModuleLinks(
        entityWith({
          [MODULE]: 'orders, staging/orders',
          'backstage.io/kubernetes-namespace': 'shop',
          'backstage.io/kubernetes-cluster': 'eu-1',
        }),
      ).links,
    ).toEqual([
      { cluster: 'eu-1', namespace: 'shop', name: 'orders' },
      { cluster: 'eu-1', namespace: 'staging', name: 'orders' },
    ]);
  });

  it.each([
    'Orders',
    'a b',
    '/orders',
    'shop/',
    'a/b/c/d',
    '../x',
    'Shop/a',
    ',',
  ])('reports %j and keeps the good ones', bad => {
    const { links, findings } = readModuleLinks(
      entityWith({ [MODULE]: `good,${bad}` }),
    );
    expect(links).toEqual([{ name: 'good' }]);
    expect(findings).toEqual(
      bad === ','
        ? []
        : [
            {
              code: 'MODULE_LINK_INVALID',
              severity: 'error',
              message: `"${bad}" names no module`,
              remedy:
                'Write the annotation as [cluster/][namespace/]name, several separated by commas.',
              path: 'metadata.annotations["wasm.serving.knative.dev/module"]',
            },
          ],
    );
  });

  it('reports an annotation of commas only', () => {
    expect(readModuleLinks(entityWith({ [MODULE]: ' , ' }))).toMatchObject({
      links: [],
      findings: [{ code: 'MODULE_LINK_INVALID' }],
    });
  });

  it.each([
    [
      { 'backstage.io/kubernetes-id': 'orders' },
      { labelSelector: 'backstage.io/kubernetes-id=orders' },
    ],
    [
      {
        'backstage.io/kubernetes-id': 'orders',
        'backstage.io/kubernetes-namespace': 'shop',
        'backstage.io/kubernetes-cluster': 'eu-1',
      },
      {
        labelSelector: 'backstage.io/kubernetes-id=orders',
        namespace: 'shop',
        cluster: 'eu-1',
      },
    ],
    [
      {
        'backstage.io/kubernetes-id': 'orders',
        'backstage.io/kubernetes-label-selector': 'app=orders,tier!=db',
      },
      { labelSelector: 'app=orders,tier!=db' },
    ],
    [
      { 'backstage.io/kubernetes-label-selector': 'app=orders' },
      { labelSelector: 'app=orders' },
    ],
  ])('falls back on the Kubernetes annotations %j', (annotations, selector) => {
    expect(readModuleLinks(entityWith(annotations))).toEqual({
      links: [],
      selector,
      findings: [],
    });
  });

  it('prefers our own annotation over a selector', () => {
    expect(
      readModuleLinks(
        entityWith({
          [MODULE]: 'orders',
          'backstage.io/kubernetes-id': 'other',
        }),
      ).selector,
    ).toBeUndefined();
  });

  it.each([
    undefined,
    {},
    { [MODULE]: ' ' },
    { 'backstage.io/kubernetes-namespace': 'shop' },
  ] as (Record<string, string> | undefined)[])(
    'tells how to link an entity that has %j',
    annotations => {
      expect(readModuleLinks(entityWith(annotations))).toEqual({
        links: [],
        findings: [
          {
            code: 'ENTITY_NOT_LINKED',
            severity: 'info',
            message: 'The entity orders names no module',
            remedy: 'Add the annotation wasm.serving.knative.dev/module.',
          },
        ],
      });
    },
  );
});
