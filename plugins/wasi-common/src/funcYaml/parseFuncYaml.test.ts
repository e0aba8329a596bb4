import { readFixture } from '../__fixtures__/readFixture';
import type { Finding } from '../diagnosis';
import { runtimes } from '../runtimes';
import { compatibility, containerRuntimes } from './compatibility';
import { parseFuncYaml } from './parseFuncYaml';

/** `line:column severity CODE path`, the part of a finding that a table can show. */
const brief = (findings: Finding[]) =>
  findings.map(
    ({ line, column, severity, code, path }) =>
      `${line}:${column} ${severity} ${code}${path ? ` ${path}` : ''}`,
  );
const errors = (text: string) =>
  brief(
    parseFuncYaml(text).findings.filter(({ severity }) => severity === 'error'),
  );
const withLines = (...lines: string[]) =>
  [
    'name: greeter',
    'runtime: js-wasi',
    'registry: quay.io/shop',
    ...lines,
  ].join('\n');

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

  describe('builder and deployer', () => {
    it.each(runtimes.map(({ name }) => name))('infers wasm for %s', runtime => {
      const { config } = parseFuncYaml(`name: a\nruntime: ${runtime}\n`);
      expect([config?.build.builder, config?.deploy.deployer]).toEqual([
        'wasm',
        'wasm',
      ]);
    });

    it.each(containerRuntimes)('infers pack and knative for %s', runtime => {
      const { config } = parseFuncYaml(`name: a\nruntime: ${runtime}\n`);
      expect([config?.build.builder, config?.deploy.deployer]).toEqual([
        'pack',
        'knative',
      ]);
    });

    it('refuses rust-wasi with the builder pack and names field, line, found and allowed', () => {
      expect(
        parseFuncYaml('name: a\nruntime: rust-wasi\nbuild:\n  builder: pack\n'),
      ).toEqual({
        findings: [
          {
            code: 'BUILDER_INCOMPATIBLE',
            severity: 'error',
            message:
              '`build.builder` (line 4) is `pack`, but the runtime rust-wasi is built by `wasm`',
            remedy:
              'Remove `build.builder`, which is inferred from the runtime, or set it to `wasm`.',
            path: 'build.builder',
            line: 4,
            column: 12,
          },
        ],
      });
    });

    it('refuses node with the deployer wasm and names field, line, found and allowed', () => {
      expect(
        parseFuncYaml('name: a\nruntime: node\ndeploy:\n  deployer: wasm\n'),
      ).toEqual({
        findings: [
          {
            code: 'DEPLOYER_INCOMPATIBLE',
            severity: 'error',
            message:
              '`deploy.deployer` (line 4) is `wasm`, but the runtime node is deployed by `knative`, `raw`, `keda`',
            remedy:
              'Remove `deploy.deployer`, which is inferred from the runtime, or set it to `knative`, `raw`, `keda`.',
            path: 'deploy.deployer',
            line: 4,
            column: 13,
          },
        ],
      });
    });

    const builders = ['pack', 's2i', 'wasm'] as const;
    const deployers = ['knative', 'raw', 'keda', 'wasm'] as const;
    const families = [
      ['go-wasi', 'wasi'],
      ['node', 'container'],
    ] as const;
    it.each(
      families.flatMap(([runtime, family]) =>
        builders.flatMap(builder =>
          deployers.map(deployer => ({ runtime, family, builder, deployer })),
        ),
      ),
    )(
      'judges $runtime with $builder and $deployer by the matrix',
      ({ runtime, family, builder, deployer }) => {
        const expected = [
          ...(compatibility[family].builders.includes(builder)
            ? []
            : ['3:18 error BUILDER_INCOMPATIBLE build.builder']),
          ...(compatibility[family].deployers.includes(deployer)
            ? []
            : ['4:20 error DEPLOYER_INCOMPATIBLE deploy.deployer']),
        ];
        expect(
          errors(
            `name: a\nruntime: ${runtime}\nbuild: {builder: ${builder}}\ndeploy: {deployer: ${deployer}}\n`,
          ),
        ).toEqual(expected);
      },
    );

    it('judges the requested deployer at top level too, and prefers it', () => {
      expect(errors('name: a\nruntime: go-wasi\ndeployer: raw\n')).toEqual([
        '3:11 error DEPLOYER_INCOMPATIBLE deployer',
      ]);
      const { config } = parseFuncYaml(
        'name: a\nruntime: node\ndeployer: keda\ndeploy: {deployer: raw}\n',
      );
      expect(config?.deploy.deployer).toBe('keda');
    });

    it('judges an unknown runtime by its suffix, so that both faults show', () => {
      expect(
        errors('name: a\nruntime: zig-wasi\nbuild: {builder: s2i}\n'),
      ).toEqual([
        '2:10 error RUNTIME_UNKNOWN runtime',
        '3:18 error BUILDER_INCOMPATIBLE build.builder',
      ]);
    });

    it('names the allowed words where a builder does not exist', () => {
      expect(
        parseFuncYaml(withLines('build: {builder: bazel}')).findings,
      ).toEqual([
        {
          code: 'FUNC_YAML_INVALID',
          severity: 'error',
          message:
            '`build.builder` is `bazel`; allowed are `pack`, `s2i`, `wasm`',
          remedy: 'Use one of `pack`, `s2i`, `wasm`.',
          path: 'build.builder',
          line: 4,
          column: 18,
        },
      ]);
    });
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

  describe('checks of single values', () => {
    it.each([
      ['name: 9lives', ['1:7 error NAME_INVALID name']],
      [`name: ${'a'.repeat(64)}`, ['1:7 error NAME_INVALID name']],
      ['name: a-', ['1:7 error NAME_INVALID name']],
      ['name: [a]', ['1:7 error FUNC_YAML_INVALID name']],
    ])('refuses %s', (line, expected) => {
      expect(errors(`${line}\nruntime: js-wasi`)).toEqual(expected);
    });

    it.each([
      ['image: oci://quay.io/me/a', 'IMAGE_REFERENCE_INVALID image'],
      ['image: "quay.io/me/a:"', 'IMAGE_REFERENCE_INVALID image'],
      ['namespace: Shop', 'NAME_INVALID namespace'],
      ['registryInsecure: "yes"', 'FUNC_YAML_INVALID registryInsecure'],
      ['invoke: grpc', 'FUNC_YAML_INVALID invoke'],
      ['build: {digest: sha256:abc}', 'FUNC_YAML_INVALID build.digest'],
      ['build: git', 'FUNC_YAML_INVALID build'],
      ['run: {args: --verbose}', 'FUNC_YAML_INVALID run.args'],
      ['run: {args: [{a: 1}]}', 'FUNC_YAML_INVALID run.args[0]'],
      ['run: {args: [a, ~]}', 'FUNC_YAML_INVALID run.args[1]'],
      ['run: {startTimeout: 1.5}', 'FUNC_YAML_INVALID run.startTimeout'],
      ['run: {envs: [{name: A}]}', 'FUNC_YAML_INVALID run.envs[0]'],
      ['run: {envs: [{value: a}]}', 'FUNC_YAML_INVALID run.envs[0]'],
      ['run: {envs: [{}]}', 'FUNC_YAML_INVALID run.envs[0]'],
      [
        'run: {envs: [{name: A, value: "{{ secret:s }}"}]}',
        'FUNC_YAML_INVALID run.envs[0]',
      ],
      [
        'run: {envs: [{name: A, value: "{{ secret:s:k"}]}',
        'FUNC_YAML_INVALID run.envs[0]',
      ],
      ['run: {volumes: [{path: /a}]}', 'FUNC_YAML_INVALID run.volumes[0]'],
      [
        'run: {volumes: [{secret: s}]}',
        'FUNC_YAML_INVALID run.volumes[0].path',
      ],
      [
        'run: {volumes: [{secret: s, path: a}]}',
        'MOUNT_PATH_INVALID run.volumes[0].path',
      ],
      [
        'run: {volumes: [{secret: S, path: /a}]}',
        'NAME_INVALID run.volumes[0].secret',
      ],
      [
        'run: {volumes: [{secret: s, emptyDir: {}, path: /a}]}',
        'FUNC_YAML_INVALID run.volumes[0]',
      ],
      [
        'run: {kafka: {brokers: a:9092}}',
        'FUNC_YAML_INVALID run.kafka.topic',
        'FUNC_YAML_INVALID run.kafka.consumerGroup',
      ],
      [
        'deploy: {labels: [{value: a}]}',
        'FUNC_YAML_INVALID deploy.labels[0].key',
      ],
      [
        'deploy: {labels: [{key: "a b"}]}',
        'FUNC_YAML_INVALID deploy.labels[0].key',
      ],
      [
        'deploy: {labels: [{key: a, value: "b c"}]}',
        'FUNC_YAML_INVALID deploy.labels[0].value',
      ],
      [
        'deploy: {labels: [{key: a, value: "{{ secret:s:k }}"}]}',
        'FUNC_YAML_INVALID deploy.labels[0].value',
      ],
      [
        'deploy: {annotations: {a: [b]}}',
        'FUNC_YAML_INVALID deploy.annotations.a',
      ],
      [
        'deploy: {options: {scale: {min: -1}}}',
        'FUNC_YAML_INVALID deploy.options.scale.min',
      ],
      [
        'deploy: {options: {scale: {utilization: 101}}}',
        'FUNC_YAML_INVALID deploy.options.scale.utilization',
      ],
      [
        'deploy: {options: {resources: {limits: {memory: lots}}}}',
        'FUNC_YAML_INVALID deploy.options.resources.limits.memory',
      ],
      [
        'deploy: {network: {tcp: {connect: [db]}}}',
        'NETWORK_PATTERN_INVALID deploy.network.tcp.connect[0]',
      ],
      [
        'deploy: {network: {udp: {outgoing: ["a b:1"]}}}',
        'NETWORK_PATTERN_INVALID deploy.network.udp.outgoing[0]',
      ],
      [
        'deploy: {network: {allowIpNameLookup: 1}}',
        'FUNC_YAML_INVALID deploy.network.allowIpNameLookup',
      ],
    ])('refuses %s', (line, ...expected) => {
      expect(
        errors(withLines(line)).map(each => each.replace(/^4:\d+ error /, '')),
      ).toEqual(expected);
    });

    it.each([
      'run: {envs: [{value: "{{ secret:s }}"}, {value: "{{configMap:c}}"}]}',
      'run: {envs: [{name: A, value: "x {{ y"}]}',
      'run: {envs: {}, volumes: {}}',
      'run:',
      'run: {args: []}',
      'deploy: {network: }',
      'deploy: {labels: [{key: app.example.com/part-of, value: ""}]}',
      'build: {source: "npm:hello@1.0.0/dist/hello.wasm"}',
      'registry: shop',
      'image: localhost:5000/shop/a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    ])('accepts %s', line => {
      const text = `name: a\nruntime: js-wasi\n${line}`;
      expect(parseFuncYaml(text).findings).toEqual([]);
    });

    it('warns of a pattern that never matches, with its line', () => {
      expect(
        brief(
          parseFuncYaml(
            withLines(
              'deploy: {network: {tcp: {connect: ["a.example.com:*"]}}}',
            ),
          ).findings,
        ),
      ).toEqual([
        '4:36 warning NETWORK_PATTERN_NEVER_MATCHES deploy.network.tcp.connect[0]',
      ]);
    });
  });

  describe('broken files', () => {
    it.each([
      ['', ['1:1 error FUNC_YAML_INVALID']],
      ['# nothing\n', ['1:1 error FUNC_YAML_INVALID']],
      ['~', ['1:1 error FUNC_YAML_INVALID']],
      ['hello', ['1:1 error FUNC_YAML_INVALID']],
      ['- name: a', ['1:1 error FUNC_YAML_INVALID']],
      ['name: a\nname: b\nruntime: go-wasi', ['2:1 error FUNC_YAML_SYNTAX']],
      ['name: a\n\truntime: x', ['2:1 error FUNC_YAML_SYNTAX']],
      ['name: "a\nruntime: x', ['2:11 error FUNC_YAML_SYNTAX']],
      [
        'name: a\nruntime: go-wasi\n---\nname: b',
        ['3:1 error FUNC_YAML_SYNTAX'],
      ],
      [
        'name: a\nruntime: go-wasi\nrun: {args: *nope}',
        ['3:13 error FUNC_YAML_SYNTAX run.args'],
      ],
      [
        'name: a\nruntime: go-wasi\nrun: {<<: text}',
        ['3:7 error FUNC_YAML_INVALID run["<<"]'],
      ],
      [
        '? [a]\n: b\nname: a\nruntime: go-wasi',
        ['1:3 error FUNC_YAML_INVALID'],
      ],
    ])('answers %j by findings', (text, expected) => {
      const { config, findings } = parseFuncYaml(text);
      expect(config).toBeUndefined();
      expect(brief(findings)).toEqual(expected);
    });

    it('reports duplicate keys together with wrong values', () => {
      expect(
        errors('name: A\nruntime: go-wasi\nruntime: go-wasi\nimage: "a b"'),
      ).toEqual([
        '1:7 error NAME_INVALID name',
        '3:1 error FUNC_YAML_SYNTAX',
        '4:8 error IMAGE_REFERENCE_INVALID image',
      ]);
    });

    it('judges what stands before a syntax error, and nothing behind it', () => {
      expect(
        errors('name: A\nruntime: nope\n\tbad: 1\nimage: "a b"\n'),
      ).toEqual([
        '1:7 error NAME_INVALID name',
        '2:10 error RUNTIME_UNKNOWN runtime',
        '3:1 error FUNC_YAML_SYNTAX',
      ]);
    });

    it('refuses a file above 256 KiB, counted in bytes', () => {
      const at = (text: string) => parseFuncYaml(text).findings[0]?.code;
      const head = withLines('# ');
      const room = 256 * 1024 - head.length;
      expect(at(head + 'x'.repeat(room))).toBeUndefined();
      expect(at(head + 'x'.repeat(room + 1))).toBe('FUNC_YAML_TOO_LARGE');
      expect(at(head + 'ä'.repeat(room / 2 + 1))).toBe('FUNC_YAML_TOO_LARGE');
      expect(at(head + '😀'.repeat(room / 4 + 1))).toBe('FUNC_YAML_TOO_LARGE');
    });

    it('refuses aliases that multiply, instead of following them', () => {
      const bomb = [
        'name: a',
        'runtime: go-wasi',
        'x: &x {k0: v, k1: v, k2: v, k3: v, k4: v, k5: v, k6: v, k7: v, k8: v, k9: v}',
        `y: &y {source: s, filters: *x}`,
        `deploy: {subscriptions: [${Array(9000).fill('*y').join(', ')}]}`,
      ].join('\n');
      const { config, findings } = parseFuncYaml(bomb);
      expect(config).toBeUndefined();
      expect(findings.map(({ message }) => message)).toContain(
        'func.yaml comes to more than 20000 values',
      );
    });

    it.each([
      ['flow lists', `name: a\nruntime: go-wasi\nx: ${'['.repeat(20_000)}`],
      [
        'block lists',
        `name: a\nruntime: go-wasi\nx:\n  ${'- '.repeat(50_000)}`,
      ],
      [
        'a mapping that merges itself',
        'name: a\nruntime: go-wasi\nrun: &r\n  <<: *r\n  args: [b]',
      ],
      [
        'a list that holds itself',
        'name: a\nruntime: go-wasi\nrun: {args: &a [*a]}',
      ],
      [
        'a key named __proto__',
        'name: a\nruntime: go-wasi\ndeploy: {annotations: {__proto__: x}}\n__proto__: {a: b}',
      ],
    ])('survives %s', (_, text) => {
      expect(() => parseFuncYaml(text)).not.toThrow();
      expect(({} as { a?: string }).a).toBeUndefined();
    });

    it('follows aliases and merge keys as func does', () => {
      const { config, findings } = parseFuncYaml(
        withLines(
          'x-common: &common {args: [a], startTimeout: 5}',
          'run:',
          '  <<: *common',
          '  args: [b]',
          'deploy: {labels: [&l {key: a, value: b}, *l]}',
        ),
      );
      expect(brief(findings)).toEqual([
        '4:1 warning FUNC_YAML_UNKNOWN_FIELD x-common',
      ]);
      expect(config?.run).toEqual({
        args: ['b'],
        startTimeout: 5,
        envs: [],
        volumes: [],
      });
      expect(config?.deploy.labels).toEqual([
        { key: 'a', value: 'b' },
        { key: 'a', value: 'b' },
      ]);
    });
  });
});
