import { parseFuncYaml } from './parseFuncYaml';

function findingsOf(runtime: string, ...lines: string[]) {
  const { config, findings } = parseFuncYaml(
    ['name: hello', `runtime: ${runtime}`, ...lines, ''].join('\n'),
  );
  return { envs: config?.build.buildEnvs, findings };
}

const buildEnv = (name: string, value = 'x') => [
  'build:',
  '  buildEnvs:',
  `    - name: ${JSON.stringify(name)}`,
  `      value: ${JSON.stringify(value)}`,
];

describe('build.buildEnvs', () => {
  it.each([
    'APP_VERSION',
    'GITHUB_SHA',
    'NODE_ENV',
    'RUST_LOG',
    'CARGO_PROFILE_RELEASE_LTO',
    'PATHS',
    'GOAL',
    'PIPELINE',
    'LDAP_HOST',
  ])('takes %s', name => {
    expect(findingsOf('js-wasi', ...buildEnv(name, ' 1 '))).toEqual({
      envs: [{ name, value: ' 1 ' }],
      findings: [],
    });
  });

  it.each([
    'PATH',
    'path',
    'HOME',
    'TMPDIR',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'DYLD_INSERT_LIBRARIES',
    'BASH_ENV',
    'NODE_OPTIONS',
    'NODE_PATH',
    'npm_config_registry',
    'PYTHONPATH',
    'PYTHONSTARTUP',
    'PIP_INDEX_URL',
    'GOFLAGS',
    'GOPROXY',
    'CGO_CFLAGS',
    'CARGO_HOME',
    'RUSTC_WRAPPER',
    'RUSTFLAGS',
    'CC',
    'MAKEFLAGS',
    'GIT_SSH_COMMAND',
    'https_proxy',
    'DOTNET_STARTUP_HOOKS',
    'WASI_BUILD_GUARD',
    'WASI_SDK_PATH',
  ])('refuses %s, which decides what runs', name => {
    const { envs, findings } = findingsOf('js-wasi', ...buildEnv(name));

    expect(envs).toBeUndefined();
    expect(findings).toEqual([
      {
        code: 'BUILD_ENV_REFUSED',
        severity: 'error',
        message: `\`build.buildEnvs[0]\`: ${name} decides what a build runs or reaches, and is not taken from func.yaml`,
        remedy: 'Use another name, or write the value into the sources.',
        path: 'build.buildEnvs[0]',
        line: 5,
        column: 7,
      },
    ]);
  });

  it.each([
    ['a key of a Secret', '{{ secret:db:password }}', 'the cluster'],
    ['a key of a ConfigMap', '{{ configMap:app:mode }}', 'the cluster'],
    [
      'a variable of the portal',
      '{{ env:GITHUB_TOKEN }}',
      'the environment of the portal',
    ],
  ])('refuses %s', (_, value, source) => {
    const { envs, findings } = findingsOf(
      'js-wasi',
      ...buildEnv('TOKEN', value),
    );

    expect(envs).toBeUndefined();
    expect(findings).toMatchObject([
      {
        code: 'BUILD_ENV_REFUSED',
        message: `\`build.buildEnvs[0]\`: a build gets nothing from ${source}`,
      },
    ]);
  });

  it('refuses them where earlier versions of func had the field, too', () => {
    expect(
      findingsOf('js-wasi', 'buildEnvs:', '  - name: PATH', '    value: /x')
        .findings,
    ).toMatchObject([
      { code: 'FUNC_YAML_UNKNOWN_FIELD' },
      { code: 'BUILD_ENV_REFUSED', path: 'buildEnvs[0]', line: 4 },
    ]);
  });

  it('leaves containers to func, which builds them', () => {
    expect(findingsOf('go', ...buildEnv('GOFLAGS')).findings).toEqual([]);
  });
});
