import { isIngested, toComponent } from './toComponent';

const ref = { cluster: 'prod', namespace: 'shop', name: 'pay' };
const options = { owner: 'group:default/platform' };
const KEY = 'wasm.serving.knative.dev';

describe('the Component of a module', () => {
  it('says where the module is and where it answers', () => {
    expect(
      toComponent(
        { ref, metadata: {}, url: 'http://pay.shop.example.com' },
        options,
      ),
    ).toEqual({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Component',
      metadata: {
        name: 'pay-993888f7db',
        title: 'pay',
        description: 'WasmModule shop/pay on cluster "prod"',
        annotations: {
          'backstage.io/managed-by-location': 'wasm-module:prod/shop/pay',
          'backstage.io/managed-by-origin-location':
            'wasm-module:prod/shop/pay',
          'wasm.serving.knative.dev/module': 'shop/pay',
          'backstage.io/kubernetes-cluster': 'prod',
          'backstage.io/kubernetes-namespace': 'shop',
        },
        links: [
          { url: 'http://pay.shop.example.com', title: 'Live', icon: 'web' },
        ],
      },
      spec: {
        type: 'wasm-function',
        lifecycle: 'production',
        owner: 'group:default/platform',
      },
    });
  });

  it('says what the annotations of the module say', () => {
    expect(
      toComponent(
        {
          ref,
          metadata: {
            labels: { 'app.kubernetes.io/part-of': 'other' },
            annotations: {
              [`${KEY}/owner`]: 'user:default/jane',
              [`${KEY}/system`]: 'shop',
              [`${KEY}/lifecycle`]: 'experimental',
              [`${KEY}/provides-apis`]: 'pay, api:billing/bill',
            },
          },
        },
        options,
      ).spec,
    ).toEqual({
      type: 'wasm-function',
      lifecycle: 'experimental',
      owner: 'user:default/jane',
      system: 'system:default/shop',
      providesApis: ['api:default/pay', 'api:billing/bill'],
    });
  });

  it('takes owner and system from labels where there is no annotation', () => {
    expect(
      toComponent(
        {
          ref,
          metadata: {
            labels: {
              [`${KEY}/owner`]: 'team-a',
              [`app.kubernetes.io/part-of`]: 'shop',
            },
          },
        },
        options,
      ).spec,
    ).toMatchObject({
      owner: 'group:default/team-a',
      system: 'system:default/shop',
    });
  });

  it('leaves out what its annotations say wrongly', () => {
    const { spec, metadata } = toComponent(
      {
        ref,
        url: 'file:///etc/passwd',
        metadata: {
          annotations: {
            [`${KEY}/owner`]: 'a:b:c/d',
            [`${KEY}/system`]: 'no system',
            [`${KEY}/lifecycle`]: ' ',
            [`${KEY}/provides-apis`]: 'ok, ../x, ,<script>',
          },
        },
      },
      options,
    );

    expect(spec).toEqual({
      type: 'wasm-function',
      lifecycle: 'production',
      owner: 'group:default/platform',
      providesApis: ['api:default/ok'],
    });
    expect(metadata.links).toBeUndefined();
  });

  it('says which entity its module has lost', () => {
    const { annotations } = toComponent(
      { ref, metadata: {} },
      { ...options, orphanedFrom: 'component:default/gone' },
    ).metadata;

    expect(annotations?.[`${KEY}/orphaned-from`]).toBe(
      'component:default/gone',
    );
  });

  it('is told from the entities of users', () => {
    const { annotations } = toComponent(
      { ref, metadata: {} },
      options,
    ).metadata;

    expect(isIngested(annotations)).toBe(true);
    expect(
      isIngested({
        'backstage.io/managed-by-origin-location': 'url:https://example.com/',
      }),
    ).toBe(false);
    expect(isIngested(undefined)).toBe(false);
  });
});
