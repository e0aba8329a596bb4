import { ConfigReader } from '@backstage/config';
import { readBuildRunner } from './readBuildRunner';

const read = (build: object) => readBuildRunner(new ConfigReader(build as any));

describe('wasi.build', () => {
  it('lets builds reach the package registries, within limits, unless told otherwise', () => {
    expect(readBuildRunner(undefined)).toEqual({
      env: {},
      allowedHosts: [
        'crates.io',
        'index.crates.io',
        'static.crates.io',
        'proxy.golang.org',
        'sum.golang.org',
        'registry.npmjs.org',
        'pypi.org',
        'files.pythonhosted.org',
        'api.nuget.org',
      ],
      maxMemoryBytes: 4 * 1024 * 1024 * 1024,
      maxProcesses: 256,
      maxCpus: undefined,
      cgroup: undefined,
    });
  });

  it('names a cluster, a namespace and images', () => {
    expect(
      read({
        runner: 'kubernetes',
        kubernetes: {
          cluster: 'prod',
          namespace: 'builds',
          images: { 'js-wasi': 'registry.example/js@sha256:aa' },
          resources: { requests: { cpu: 2 } },
        },
      }),
    ).toMatchObject({
      runner: 'kubernetes',
      kubernetes: {
        cluster: 'prod',
        namespace: 'builds',
        images: { 'js-wasi': 'registry.example/js@sha256:aa' },
        resources: { requests: { cpu: '2' }, limits: {} },
        startTimeoutMs: 120_000,
      },
    });
  });

  it.each([
    [{ runner: 'docker' }, 'it may be host, sandbox, kubernetes'],
    [{ runner: 'kubernetes' }, "Missing required config value at 'kubernetes'"],
    [
      { runner: 'kubernetes', kubernetes: { images: {} } },
      "Missing required config value at 'kubernetes.namespace'",
    ],
    [
      {
        runner: 'kubernetes',
        kubernetes: { namespace: 'a/../../b', images: {} },
      },
      'which is no name of a namespace',
    ],
    [
      { allowedHosts: ['https://pypi.org/'] },
      'write a host, or a host and a port',
    ],
    [
      { allowedHosts: ['pypi.org:99999'] },
      'write a host, or a host and a port',
    ],
  ])('refuses %j', (build, message) => {
    expect(() => read(build)).toThrow(message);
  });
});
