import { errors, withLines } from '../__testUtils__/funcYamlFindings';
import { runtimes } from '../runtimes';
import { compatibility, containerRuntimes } from './compatibility';
import { parseFuncYaml } from './parseFuncYaml';

describe('builder and deployer of a func.yaml', () => {
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
