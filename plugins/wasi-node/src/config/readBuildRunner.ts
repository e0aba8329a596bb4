import type { Config } from '@backstage/config';
import { hostAndPort } from '../network/hostAndPort';
import type { KubernetesBuildConfig, WasiConfig } from './types';

const RUNNERS = ['host', 'sandbox', 'kubernetes'] as const;
const MEBIBYTE = 1024 * 1024;

/** Where the package managers of the runtimes download from unless told otherwise. */
const PACKAGE_HOSTS = [
  'crates.io',
  'index.crates.io',
  'static.crates.io',
  'proxy.golang.org',
  'sum.golang.org',
  'registry.npmjs.org',
  'pypi.org',
  'files.pythonhosted.org',
  'api.nuget.org',
];

/**
 * The keys of `wasi.build` that say where builds run, and within which limits.
 *
 * @internal
 */
export function readBuildRunner(
  build: Config | undefined,
): Pick<
  WasiConfig['build'],
  | 'runner'
  | 'env'
  | 'allowedHosts'
  | 'maxMemoryBytes'
  | 'maxProcesses'
  | 'maxCpus'
  | 'cgroup'
  | 'kubernetes'
> {
  const runner = build?.getOptionalString('runner');
  return {
    ...(runner !== undefined && {
      runner: requireOneOf('wasi.build.runner', runner, RUNNERS),
    }),
    env: readMap(build?.getOptionalConfig('env')),
    allowedHosts: (
      build?.getOptionalStringArray('allowedHosts') ?? PACKAGE_HOSTS
    ).map(requireHost),
    maxMemoryBytes:
      build?.getOptionalNumber('maxMemoryBytes') ?? 4096 * MEBIBYTE,
    maxProcesses: build?.getOptionalNumber('maxProcesses') ?? 256,
    maxCpus: build?.getOptionalNumber('maxCpus'),
    cgroup: build?.getOptionalString('cgroup'),
    ...(runner === 'kubernetes' && {
      kubernetes: readKubernetes(build!.getConfig('kubernetes')),
    }),
  };
}

function readKubernetes(kubernetes: Config): KubernetesBuildConfig {
  const resources = kubernetes.getOptionalConfig('resources');
  return {
    cluster: kubernetes.getOptionalString('cluster'),
    namespace: requireName(kubernetes.getString('namespace')),
    images: readMap(kubernetes.getConfig('images')),
    serviceAccountName: kubernetes.getOptionalString('serviceAccountName'),
    resources: resources && {
      requests: readMap(resources.getOptionalConfig('requests')),
      limits: readMap(resources.getOptionalConfig('limits')),
    },
    startTimeoutMs:
      (kubernetes.getOptionalNumber('startTimeoutSeconds') ?? 120) * 1000,
  };
}

function readMap(map: Config | undefined): Record<string, string> {
  return Object.fromEntries(
    (map?.keys() ?? []).map(name => [name, String(map!.get(name))]),
  );
}

/** It becomes part of a path. */
function requireName(name: string): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    throw new Error(
      `wasi.build.kubernetes.namespace is ${JSON.stringify(
        name,
      )}, which is no name of a namespace.`,
    );
  }
  return name;
}

function requireOneOf<Name extends string>(
  key: string,
  value: string,
  names: readonly Name[],
): Name {
  const name = names.find(known => known === value);
  if (!name) {
    throw new Error(
      `${key} is ${JSON.stringify(value)}; it may be ${names.join(', ')}.`,
    );
  }
  return name;
}

function requireHost(text: string): string {
  if (!hostAndPort(text, 443)) {
    throw new Error(
      `wasi.build.allowedHosts holds ${JSON.stringify(
        text,
      )}; write a host, or a host and a port, e.g. registry.npmjs.org or mirror.example.org:8443.`,
    );
  }
  return text;
}
