import { readSyncRequest } from './readSyncRequest';

const PREFIX = 'wasm.serving.knative.dev';

function read(annotations: Record<string, string>) {
  return readSyncRequest({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'orders', annotations },
  });
}

describe('what an entity asks of deploys from the catalog', () => {
  it('is nothing without the annotation', () => {
    expect(read({})).toEqual({
      asked: false,
      funcYaml: './func.yaml',
      targets: [{ environment: 'default' }],
      findings: [],
    });
  });

  it('is one environment, where the Kubernetes plugin looks for it', () => {
    expect(
      read({
        [`${PREFIX}/auto-deploy`]: 'true',
        [`${PREFIX}/func-yaml`]: './functions/orders/func.yaml',
        [`${PREFIX}/deploy-mode`]: 'observe',
        [`${PREFIX}/image-tag`]: 'v1.2',
        'backstage.io/kubernetes-cluster': 'eu-1',
        'backstage.io/kubernetes-namespace': 'shop',
      }),
    ).toEqual({
      asked: true,
      funcYaml: './functions/orders/func.yaml',
      targets: [
        {
          environment: 'default',
          cluster: 'eu-1',
          namespace: 'shop',
          mode: 'observe',
          tag: 'v1.2',
        },
      ],
      findings: [],
    });
  });

  it('is several environments, each with its place, mode and tag', () => {
    expect(
      read({
        [`${PREFIX}/auto-deploy`]: 'true',
        [`${PREFIX}/environments`]:
          ' staging = eu-1/shop-staging, prod=arn:aws:eks:eu/shop,local=shop, ',
        [`${PREFIX}/deploy-mode`]: 'staging=apply, prod = pull-request',
        [`${PREFIX}/image-tag`]: 'prod=v1',
        [`${PREFIX}/func-overlay`]: 'prod = ./func.prod.yaml',
      }),
    ).toEqual({
      asked: true,
      funcYaml: './func.yaml',
      targets: [
        {
          environment: 'staging',
          cluster: 'eu-1',
          namespace: 'shop-staging',
          mode: 'apply',
        },
        {
          environment: 'prod',
          cluster: 'arn:aws:eks:eu',
          namespace: 'shop',
          mode: 'pull-request',
          tag: 'v1',
          overlay: './func.prod.yaml',
        },
        { environment: 'local', namespace: 'shop' },
      ],
      findings: [],
    });
  });

  it.each([
    ['auto-deploy', 'yes', '"yes" is neither "true" nor "false".'],
    [
      'func-yaml',
      'https://evil.example/func.yaml',
      '"https://evil.example/func.yaml" is no path relative to catalog-info.yaml.',
    ],
    [
      'func-yaml',
      '/etc/func.yaml',
      '"/etc/func.yaml" is no path relative to catalog-info.yaml.',
    ],
    [
      'func-yaml',
      '%2e%2e/func.yaml',
      '"%2e%2e/func.yaml" is no path relative to catalog-info.yaml.',
    ],
    [
      'func-yaml',
      '..\\func.yaml',
      '"..\\func.yaml" is no path relative to catalog-info.yaml.',
    ],
    ['environments', 'prod', '"prod" is not environment=[cluster/]namespace.'],
    [
      'environments',
      'prod=a/b/c',
      '"prod=a/b/c" is not environment=[cluster/]namespace.',
    ],
    [
      'environments',
      'prod=eu/Shop',
      '"prod=eu/Shop" is not environment=[cluster/]namespace.',
    ],
    [
      'environments',
      'prod=shop,prod=other',
      'The environment prod is named twice.',
    ],
    [
      'environments',
      ',',
      'The entity names 0 environments; 1 to 20 are taken.',
    ],
    [
      'deploy-mode',
      'force',
      '"force" is not one of apply, pull-request, observe.',
    ],
    [
      'deploy-mode',
      'prod=apply',
      '"prod=apply" is for an environment that is not named.',
    ],
    ['image-tag', 'a b', '"a b" is not a tag of an image.'],
    [
      'func-overlay',
      'default=https://evil.example/func.yaml',
      '"https://evil.example/func.yaml" is not a path relative to catalog-info.yaml.',
    ],
    [
      'func-overlay',
      'prod=func.prod.yaml',
      '"prod=func.prod.yaml" is for an environment that is not named.',
    ],
  ])('reports %s: %j', (name, value, message) => {
    const key = `${PREFIX}/${name}`;

    expect(read({ [key]: value }).findings).toEqual([
      {
        code: 'SYNC_ANNOTATION_INVALID',
        severity: 'error',
        message,
        remedy: 'Correct the annotation named in catalog-info.yaml.',
        path: `metadata.annotations["${key}"]`,
      },
    ]);
  });
});
