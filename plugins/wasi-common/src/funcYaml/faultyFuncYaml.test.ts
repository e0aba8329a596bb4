import { brief, errors, withLines } from '../__testUtils__/funcYamlFindings';
import { parseFuncYaml } from './parseFuncYaml';

describe('a faulty func.yaml', () => {
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
      ['build: {sizeBudget: 5 MB}', 'FUNC_YAML_INVALID build.sizeBudget'],
      ['build: {sizeBudget: 0}', 'FUNC_YAML_INVALID build.sizeBudget'],
      ['build: {optimize: fast}', 'FUNC_YAML_INVALID build.optimize'],
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
