import { readFixture } from '../__fixtures__/readFixture';
import { type FuncConfig, parseFuncYaml } from '../funcYaml';
import type { ModuleInspection } from '../inspection';
import { moduleImage } from './moduleImage';
import { parseWasmModule } from './parseWasmModule';
import { toWasmModule } from './toWasmModule';

const image = `registry.example.com:5000/shop/orders@sha256:${'0'.repeat(64)}`;

function configOf(text: string): FuncConfig {
  const { config, findings } = parseFuncYaml(text);
  if (!config) {
    throw new Error(`Test data is wrong: ${JSON.stringify(findings)}`);
  }
  return config;
}

const small = (...lines: string[]) =>
  configOf(['name: greeter', 'runtime: js-wasi', ...lines].join('\n'));

describe('toWasmModule', () => {
  it('maps every row of the table, and tells which fields have no effect', () => {
    const { module, findings } = toWasmModule(
      configOf(readFixture('func.v0.36.every-field.yaml')),
      {
        image,
        entityRef: 'component:default/orders',
        kubernetesId: 'orders',
        localEnv: { REGION: 'eu-1' },
      },
    );
    expect(module).toEqual({
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: {
        name: 'orders',
        namespace: 'shop',
        labels: {
          team: 'checkout',
          'example.com/region': 'eu-1',
          flagged: '',
          'backstage.io/kubernetes-id': 'orders',
        },
        annotations: {
          'example.com/owner': 'checkout@example.com',
          'backstage.io/entity-ref': 'component:default/orders',
        },
      },
      spec: {
        image,
        args: ['--verbose', '10'],
        env: [
          { name: 'LOG_LEVEL', value: 'debug' },
          { name: 'PORT', value: '8080' },
          { name: 'REGION', value: 'eu-1' },
          {
            name: 'DB_PASSWORD',
            valueFrom: { secretKeyRef: { name: 'orders-db', key: 'password' } },
          },
          {
            name: 'THEME',
            valueFrom: {
              configMapKeyRef: { name: 'shop.theme', key: 'colour' },
            },
          },
          { name: 'EMPTY', value: '' },
        ],
        volumes: [
          { name: 'secret-orders-tls', secret: { secretName: 'orders.tls' } },
          { name: 'config-map-rates', configMap: { name: 'rates' } },
          {
            name: 'claim-ledger',
            persistentVolumeClaim: { claimName: 'ledger', readOnly: true },
          },
          {
            name: 'empty-dir',
            emptyDir: { medium: 'Memory', sizeLimit: '16Mi' },
          },
          { name: 'empty-dir-2', emptyDir: {} },
        ],
        volumeMounts: [
          { name: 'secret-orders-tls', mountPath: '/etc/tls', readOnly: true },
          { name: 'config-map-rates', mountPath: '/etc/rates', readOnly: true },
          { name: 'claim-ledger', mountPath: '/var/ledger', readOnly: true },
          { name: 'empty-dir', mountPath: '/tmp' },
          { name: 'empty-dir-2', mountPath: '/var/cache' },
        ],
        resources: {
          requests: { cpu: '100m', memory: '64Mi' },
          limits: { cpu: '1', memory: '128Mi' },
        },
        network: {
          allowIpNameLookup: false,
          tcp: {
            connect: [
              'orders-db:5432',
              'orders-db.shop.svc.cluster.local:5432',
            ],
          },
          udp: { outgoing: ['10.0.0.53:53'] },
        },
      },
    });
    expect(
      findings.map(({ code, severity, path }) => [code, severity, path]),
    ).toEqual(
      [
        'deploy.options.scale',
        'deploy.options.resources.limits.concurrency',
        'deploy.imagePullSecret',
        'deploy.serviceAccountName',
        'deploy.healthEndpoints',
        'deploy.subscriptions',
        'run.startTimeout',
        'domain',
        'registryInsecure',
      ].map(path => ['FUNC_FIELD_NOT_MAPPED', 'warning', path]),
    );
  });

  it('leaves out what func.yaml leaves out', () => {
    expect(toWasmModule(small(), { image })).toEqual({
      findings: [],
      module: {
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: { name: 'greeter' },
        spec: { image, resources: { limits: { memory: '512Mi' } } },
      },
    });
  });

  const resourcesOf = (line: string, inspection?: ModuleInspection) =>
    toWasmModule(small(line), { image, inspection }).module?.spec.resources;
  const huge = {
    size: 40_000_000,
    sections: [{ name: 'code', size: 20_000_000 }],
  } as ModuleInspection;

  it('gives a module the memory that compiling one of its size takes', () => {
    expect(resourcesOf('', huge)).toEqual({ limits: { memory: '960Mi' } });
    expect(resourcesOf('', { ...huge, size: 8, sections: [] })).toEqual({
      limits: { memory: '512Mi' },
    });
  });

  it.each([
    ['a limit', 'limits: {memory: 1Gi}', { limits: { memory: '1Gi' } }],
    [
      'a request that is larger',
      'requests: {memory: 2Gi}',
      { requests: { memory: '2Gi' } },
    ],
    [
      'a request that is smaller',
      'requests: {memory: 64Mi}',
      { requests: { memory: '64Mi' }, limits: { memory: '512Mi' } },
    ],
    [
      'a limit of something else',
      "limits: {cpu: '1'}",
      { limits: { cpu: '1', memory: '512Mi' } },
    ],
  ])('leaves the memory limit to func.yaml with %s', (_, written, expected) => {
    expect(resourcesOf(`deploy: {options: {resources: {${written}}}}`)).toEqual(
      expected,
    );
  });

  it('gives a module that reads back as one', () => {
    const { module } = toWasmModule(
      configOf(readFixture('func.v0.36.every-field.yaml')),
      { image, localEnv: { REGION: 'eu-1' } },
    );
    expect(parseWasmModule(module)).toEqual(module);
  });

  it.each([
    ['deploy: {network: {}}', { allowIpNameLookup: false }],
    [
      'deploy: {network: {allowIpNameLookup: true}}',
      { allowIpNameLookup: true },
    ],
    [
      'deploy: {network: {inherit: true}}',
      { inherit: true, allowIpNameLookup: false },
    ],
    ['deploy: {}', undefined],
  ])(
    'writes allowIpNameLookup out whenever there is a network: %s',
    (line, network) => {
      expect(toWasmModule(small(line), { image }).module?.spec.network).toEqual(
        network,
      );
    },
  );

  it('deploys to the namespace asked for before that of func.yaml', () => {
    const config = small('deploy: {namespace: shop}');
    expect(
      toWasmModule(config, { image, namespace: 'staging' }).module?.metadata
        .namespace,
    ).toBe('staging');
    expect(toWasmModule(config, { image }).module?.metadata.namespace).toBe(
      'shop',
    );
  });

  it('does not let a label of func.yaml take the module from its entity', () => {
    const config = small(
      'deploy: {labels: [{key: backstage.io/kubernetes-id, value: other}], annotations: {backstage.io/entity-ref: "component:default/other"}}',
    );
    expect(
      toWasmModule(config, {
        image,
        kubernetesId: 'greeter',
        entityRef: 'component:default/greeter',
      }).module?.metadata,
    ).toEqual({
      name: 'greeter',
      labels: { 'backstage.io/kubernetes-id': 'greeter' },
      annotations: { 'backstage.io/entity-ref': 'component:default/greeter' },
    });
  });

  it('refuses a container function', () => {
    const config = configOf(readFixture('func.v0.36.node.yaml'));
    expect(toWasmModule(config, { image })).toEqual({
      findings: [
        {
          code: 'NOT_A_WASI_FUNCTION',
          severity: 'error',
          message:
            '`runtime` is node, which func deploys as a container and not as a WasmModule',
          remedy:
            'Use a `*-wasi` runtime; container functions are deployed with func itself.',
          path: 'runtime',
        },
      ],
    });
  });

  it.each([
    [
      'run: {envs: [{value: "{{ secret:orders-db }}"}]}',
      'ENV_VALUE_FROM_UNSUPPORTED',
      'run.envs[0]',
      '`run.envs[0]` asks for every key of the Secret orders-db, for which a WasmModule has no field',
    ],
    [
      'run: {envs: [{value: "{{ configMap:theme }}"}]}',
      'ENV_VALUE_FROM_UNSUPPORTED',
      'run.envs[0]',
      '`run.envs[0]` asks for every key of the ConfigMap theme, for which a WasmModule has no field',
    ],
    [
      'run: {envs: [{name: A, value: "{{ env:HOME }}"}]}',
      'ENV_LOCAL_UNRESOLVED',
      'run.envs[0]',
      '`run.envs[0]` asks for the variable HOME, which is not set here',
    ],
    [
      'deploy: {labels: [{key: a, value: "{{ env:toString }}"}]}',
      'ENV_LOCAL_UNRESOLVED',
      'deploy.labels[0].value',
      '`deploy.labels[0].value` asks for the variable toString, which is not set here',
    ],
    [
      'deploy: {labels: [{key: a, value: "{{ env:SPACED }}"}]}',
      'FUNC_YAML_INVALID',
      'deploy.labels[0].value',
      '`deploy.labels[0].value` is no valid label value',
    ],
  ])('gives no module for %s', (line, code, path, message) => {
    expect(
      toWasmModule(small(line), { image, localEnv: { SPACED: 'a b' } }),
    ).toEqual({
      findings: [
        { code, severity: 'error', message, path, remedy: expect.any(String) },
      ],
    });
  });

  it('names volumes by DNS labels, each once, however long and alike their sources are', () => {
    const long = `${'a'.repeat(80)}.b`;
    const { module } = toWasmModule(
      small(
        'run:',
        '  volumes:',
        `    - {secret: ${long}, path: /a}`,
        `    - {secret: ${long}, path: /b}`,
        '    - {secret: a.b, path: /c}',
        '    - {secret: a-b, path: /d}',
      ),
      { image },
    );
    const names = module?.spec.volumes?.map(({ name }) => name) ?? [];
    expect(names).toEqual([
      `secret-${'a'.repeat(56)}`,
      `secret-${'a'.repeat(54)}-2`,
      'secret-a-b',
      'secret-a-b-2',
    ]);
    expect(module?.spec.volumeMounts?.map(({ name }) => name)).toEqual(names);
  });
});

describe('moduleImage', () => {
  it.each([
    ['registry: quay.io/shop', undefined, 'quay.io/shop/greeter:latest'],
    ['registry: quay.io/shop/', 'v1', 'quay.io/shop/greeter:v1'],
    ['registry: quay.io/shop/team', 'v1', 'quay.io/shop/team/greeter:v1'],
    ['registry: shop', undefined, 'docker.io/shop/greeter:latest'],
    ['registry: localhost:7450', 'v1', 'localhost:7450/greeter:v1'],
    ['registry: localhost', 'v1', 'localhost/greeter:v1'],
    ['image: quay.io/shop/hello', undefined, 'quay.io/shop/hello:latest'],
    ['image: quay.io/shop/hello:old', undefined, 'quay.io/shop/hello:old'],
    ['image: quay.io/shop/hello:old', 'v1', 'quay.io/shop/hello:v1'],
    ['image: shop/hello', 'v1', 'docker.io/shop/hello:v1'],
    [
      `image: shop/hello@sha256:${'0'.repeat(64)}`,
      undefined,
      `docker.io/shop/hello@sha256:${'0'.repeat(64)}`,
    ],
  ])('of %s with the tag %s is %s', (line, tag, expected) => {
    expect(moduleImage(small(line), { tag })).toBe(expected);
  });

  it('prefers image over registry', () => {
    expect(
      moduleImage(small('registry: quay.io/a', 'image: quay.io/b/c:d')),
    ).toBe('quay.io/b/c:d');
  });

  it('asks for a registry where none is named', () => {
    expect(() => moduleImage(small())).toThrow(
      expect.objectContaining({
        code: 'IMAGE_UNKNOWN',
        message: 'func.yaml of greeter names neither registry nor image',
      }),
    );
  });
});
