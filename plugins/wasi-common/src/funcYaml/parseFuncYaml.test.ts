import { readFixture } from '../__fixtures__/readFixture';
import { brief, errors, withLines } from '../__testUtils__/funcYamlFindings';
import { parseFuncYaml } from './parseFuncYaml';

describe('parseFuncYaml', () => {
  it('fills in builder and deployer of a small WASI function', () => {
    expect(parseFuncYaml(readFixture('func.v0.36.js-wasi.yaml'))).toEqual({
      findings: [],
      config: {
        specVersion: '0.36.0',
        name: 'greeter',
        runtime: 'js-wasi',
        registry: 'quay.io/shop',
        created: '2026-04-02T10:15:00Z',
        build: { builder: 'wasm' },
        run: { args: [], envs: [], volumes: [] },
        deploy: {
          deployer: 'wasm',
          labels: [],
          annotations: {},
          options: {},
        },
      },
    });
  });

  it('reads every field', () => {
    const { config, findings } = parseFuncYaml(
      readFixture('func.v0.36.every-field.yaml'),
    );
    expect(findings).toEqual([]);
    expect(config).toEqual({
      specVersion: '0.36.0',
      name: 'orders',
      domain: 'orders.example.com',
      runtime: 'rust-wasi',
      registry: 'registry.example.com:5000/shop',
      registryInsecure: true,
      namespace: 'shop',
      created: '2026-04-02T10:15:00+02:00',
      invoke: 'http',
      build: {
        builder: 'wasm',
        optimize: 'size',
        sizeBudget: '5Mi',
        git: {
          url: 'https://git.example.com/shop/orders',
          revision: 'main',
          contextDir: 'functions/orders',
        },
        buildEnvs: [{ name: 'CARGO_PROFILE_RELEASE_LTO', value: 'true' }],
      },
      run: {
        args: ['--verbose', '10'],
        startTimeout: 30,
        envs: [
          { name: 'LOG_LEVEL', value: 'debug' },
          { name: 'PORT', value: '8080' },
          { name: 'REGION', value: '{{ env:REGION }}' },
          { name: 'DB_PASSWORD', value: '{{ secret:orders-db:password }}' },
          { name: 'THEME', value: '{{ configMap:shop.theme:colour }}' },
          { name: 'EMPTY', value: '' },
        ],
        volumes: [
          { secret: 'orders.tls', path: '/etc/tls' },
          { configMap: 'rates', path: '/etc/rates' },
          {
            persistentVolumeClaim: { claimName: 'ledger', readOnly: true },
            path: '/var/ledger',
          },
          {
            emptyDir: { medium: 'Memory', sizeLimit: '16Mi' },
            path: '/tmp',
          },
          { emptyDir: {}, path: '/var/cache' },
        ],
      },
      deploy: {
        namespace: 'shop',
        deployer: 'wasm',
        labels: [
          { key: 'team', value: 'checkout' },
          { key: 'example.com/region', value: '{{ env:REGION }}' },
          { key: 'flagged' },
        ],
        annotations: { 'example.com/owner': 'checkout@example.com' },
        network: {
          tcp: {
            connect: [
              'orders-db:5432',
              'orders-db.shop.svc.cluster.local:5432',
            ],
          },
          udp: { outgoing: ['10.0.0.53:53'] },
        },
        options: {
          scale: {
            min: 1,
            max: 5,
            metric: 'rps',
            target: 100,
            utilization: 70,
          },
          resources: {
            requests: { cpu: '100m', memory: '64Mi' },
            limits: { cpu: '1', memory: '128Mi', concurrency: 50 },
          },
        },
        healthEndpoints: {
          liveness: '/health/liveness',
          readiness: '/health/readiness',
        },
        serviceAccountName: 'orders',
        imagePullSecret: 'registry-login',
        subscriptions: [
          { source: 'default', filters: { type: 'order.placed' } },
        ],
      },
    });
  });

  it('reports five faults at once, each with its place, cause and next step', () => {
    expect(parseFuncYaml(readFixture('func.v0.36.five-faults.yaml'))).toEqual({
      findings: [
        {
          code: 'NAME_INVALID',
          severity: 'error',
          message: '`name`: "My_Greeter" is no valid name',
          remedy:
            'Use lower-case letters, digits and dashes, at most 63 characters, starting with a letter.',
          path: 'name',
          line: 2,
          column: 7,
        },
        {
          code: 'RUNTIME_UNKNOWN',
          severity: 'error',
          message: '`runtime`: "ruby-wasi" is no known runtime',
          remedy: expect.stringContaining('js-wasi, rust-wasi'),
          path: 'runtime',
          line: 3,
          column: 10,
        },
        {
          code: 'IMAGE_REFERENCE_INVALID',
          severity: 'error',
          message:
            '`registry`: "quay.io/Shop" has upper-case letters in the repository',
          remedy:
            'Write it as registry/repository:tag or registry/repository@sha256:digest, in lower case.',
          path: 'registry',
          line: 4,
          column: 11,
        },
        {
          code: 'FUNC_YAML_INVALID',
          severity: 'error',
          message: '`run.envs[0].name`: "1ST" is no valid name of a variable',
          remedy:
            'Use letters, digits, dots, dashes and underscores, not starting with a digit.',
          path: 'run.envs[0].name',
          line: 7,
          column: 13,
        },
        {
          code: 'NETWORK_PATTERN_INVALID',
          severity: 'error',
          message:
            '`deploy.network.tcp.connect[0]`: Network pattern "orders-db" has no port',
          remedy: 'Write host:port, *:port, host:* or [v6]:port.',
          path: 'deploy.network.tcp.connect[0]',
          line: 12,
          column: 17,
        },
      ],
    });
  });

  it('reports what is missing together with what is wrong', () => {
    expect(errors('runtime: rust-wasi\nbuild:\n  builder: pack\n')).toEqual([
      '1:1 error FUNC_YAML_INVALID name',
      '3:12 error BUILDER_INCOMPATIBLE build.builder',
    ]);
    expect(errors('name: Greeter\n')).toEqual([
      '1:1 error FUNC_YAML_INVALID runtime',
      '1:7 error NAME_INVALID name',
    ]);
  });

  it('asks for neither specVersion nor created', () => {
    expect(parseFuncYaml(withLines()).findings).toEqual([]);
  });

  it('points at the line also behind a byte order mark and with Windows line ends', () => {
    expect(errors('\uFEFFname: greeter\r\nruntime: nope\r\n')).toEqual([
      '2:10 error RUNTIME_UNKNOWN runtime',
    ]);
  });

  it('proposes the runtime that was probably meant', () => {
    const [finding] = parseFuncYaml('name: a\nruntime: rust-wsi\n').findings;
    expect(finding.remedy).toMatch(
      /^Did you mean `rust-wasi`\? Choose one of /,
    );
  });

  it('warns of unknown fields and proposes the nearest, but goes on', () => {
    const { config, findings } = parseFuncYaml(
      readFixture('func.v0.36.unknown-fields.yaml'),
    );
    expect(
      findings.map(({ severity, line, column, path, remedy }) => [
        severity,
        line,
        column,
        path,
        remedy,
      ]),
    ).toEqual([
      ['warning', 5, 1, 'x-team', 'Correct the spelling, or remove the field.'],
      ['warning', 7, 3, 'deploy.nework', 'Did you mean `network`?'],
      ['warning', 11, 7, 'deploy.labels[0].valu', 'Did you mean `value`?'],
    ]);
    expect(config?.deploy.labels).toEqual([{ key: 'team' }]);
  });

  it('takes the fields of func 0.19 for those of today', () => {
    const { config, findings } = parseFuncYaml(
      readFixture('func.v0.19.earlier-fields.yaml'),
    );
    expect(config).toMatchObject({
      name: 'storefront',
      build: { builder: 'pack', buildpacks: [], buildEnvs: [] },
      run: { envs: [{ name: 'LOG_LEVEL', value: 'debug' }], volumes: [] },
      deploy: {
        namespace: 'shop',
        healthEndpoints: { liveness: '/health/liveness' },
      },
    });
    expect(config).not.toHaveProperty('builder');
    expect([...new Set(findings.map(({ severity }) => severity))]).toEqual([
      'info',
    ]);
    expect(findings.map(({ path }) => path)).toContain('template');
  });

  it('judges a builder at its place of earlier versions', () => {
    expect(errors('name: a\nruntime: c-wasi\nbuilder: pack\n')).toEqual([
      '3:10 error BUILDER_INCOMPATIBLE builder',
    ]);
  });

  it('prefers a field at its place of today over the earlier one', () => {
    const { config, findings } = parseFuncYaml(
      withLines(
        'envs: [{name: A, value: old}]',
        'run: {envs: [{name: A, value: new}]}',
      ),
    );
    expect(config?.run.envs).toEqual([{ name: 'A', value: 'new' }]);
    expect(brief(findings)).toEqual([
      '4:7 warning FUNC_YAML_UNKNOWN_FIELD envs',
    ]);
  });

  it('lets deploy.namespace count, and says so where namespace differs', () => {
    expect(
      parseFuncYaml(withLines('namespace: one', 'deploy: {namespace: two}')),
    ).toMatchObject({
      config: { namespace: 'one', deploy: { namespace: 'two' } },
      findings: [{ severity: 'warning', path: 'namespace', line: 4 }],
    });
    expect(
      parseFuncYaml(withLines('namespace: one')).config?.deploy.namespace,
    ).toBe('one');
  });

  it('never repeats the value of a variable', () => {
    const { findings } = parseFuncYaml(
      withLines(
        'run:',
        '  envs:',
        '    - name: A',
        '      value: [hunter2]',
        '    - name: B',
        '      value: "{{ hunter2 }}"',
        '    - value: hunter2',
      ),
    );
    expect(findings.length).toBeGreaterThanOrEqual(3);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });
});
