import { parseFuncYaml } from './parseFuncYaml';

const paths = (...names: string[]) => names.map(path => ({ path }));

describe('the runtime of a func.yaml', () => {
  it('is that of the sources where none is named, and it says why', () => {
    const { config, findings } = parseFuncYaml('name: hello\n', {
      files: paths('go.mod', 'main.go'),
    });

    expect(config).toMatchObject({
      runtime: 'go-wasi',
      build: { builder: 'wasm' },
      deploy: { deployer: 'wasm' },
    });
    expect(findings).toEqual([
      {
        code: 'RUNTIME_DETECTED',
        severity: 'info',
        message: 'runtime go-wasi, because go.mod',
        remedy:
          'Write `runtime: go-wasi` into func.yaml, so that it stays when files are added.',
        path: 'runtime',
        line: 1,
        column: 1,
      },
    ]);
  });

  it('is to be named where the sources are of two', () => {
    const { config, findings } = parseFuncYaml('name: hello\n', {
      files: paths('go.mod', 'Cargo.toml'),
    });

    expect(config).toBeUndefined();
    expect(findings).toMatchObject([
      {
        code: 'RUNTIME_AMBIGUOUS',
        severity: 'error',
        message:
          '`runtime` is missing, and the folder is for rust-wasi (Cargo.toml) and go-wasi (go.mod)',
        remedy:
          'Write `runtime: rust-wasi` or `runtime: go-wasi` into func.yaml.',
      },
    ]);
  });

  it('is settled by build.source', () => {
    const { config } = parseFuncYaml(
      'name: hello\nbuild:\n  source: module.wat\n',
      { files: paths('go.mod', 'Cargo.toml', 'module.wat') },
    );

    expect(config?.runtime).toBe('wat-wasi');
  });

  it('is missing where no source is known', () => {
    expect(
      parseFuncYaml('name: hello\n', { files: paths('README.md') }).findings,
    ).toMatchObject([{ message: '`runtime` is missing' }]);
  });

  it('that is named counts, with a warning where the sources are of another', () => {
    const { config, findings } = parseFuncYaml(
      'name: hello\nruntime: rust-wasi\n',
      { files: paths('go.mod') },
    );

    expect(config?.runtime).toBe('rust-wasi');
    expect(findings).toMatchObject([
      {
        code: 'RUNTIME_CONTRADICTED',
        severity: 'warning',
        message:
          '`runtime` is rust-wasi, but the folder is for go-wasi (go.mod)',
        path: 'runtime',
        line: 2,
      },
    ]);
  });

  it.each([
    ['its own sources are there, too', 'runtime: js-wasi\n', 'handler.js'],
    [
      'build.source names what is built',
      'runtime: rust-wasi\nbuild:\n  source: fn/Cargo.toml\n',
      'README.md',
    ],
    ['func builds a container', 'runtime: go\n', 'README.md'],
  ])('gives no warning where %s', (_, lines, file) => {
    expect(
      parseFuncYaml(`name: hello\n${lines}`, { files: paths('go.mod', file) })
        .findings,
    ).toEqual([]);
  });
});
