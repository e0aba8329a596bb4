import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '@backstage/config';
import { readBuildRunner } from './readBuildRunner';
import { readIdentity } from './readIdentity';
import { readSizeBudgets } from './readSizeBudgets';
import { readWatchedNamespaces } from './readWatchedNamespaces';
import { readSupplyChainConfig } from '../supplyChain/config';
import type { WasiConfig } from './types';

/**
 * Reads `wasi` of app-config once, with every default filled in.
 *
 * @param config - The root config.
 * @throws `InputError`-like errors of `@backstage/config` for values of a wrong type.
 * @public
 */
export function readWasiConfig(config: Config): WasiConfig {
  const wasi = config.getOptionalConfig('wasi');
  const registries = (wasi?.getOptionalConfigArray('registries') ?? []).map(
    registry => ({
      host: registry.getString('host'),
      prefix: registry.getOptionalString('prefix'),
      insecure: registry.getOptionalBoolean('insecure') ?? false,
      username: registry.getOptionalString('username'),
      password: registry.getOptionalString('password'),
      token: registry.getOptionalString('token'),
    }),
  );
  return {
    registries,
    dockerConfig: wasi?.getOptionalString('dockerConfig'),
    toolchains: {
      directory: resolve(
        wasi?.getOptionalString('toolchains.directory') ??
          process.env.WASI_TOOLCHAINS_DIRECTORY ??
          nearestToolchains(process.cwd()),
      ),
      paths:
        wasi?.getOptional<Record<string, string>>('toolchains.paths') ?? {},
    },
    build: {
      ...readBuildRunner(wasi?.getOptionalConfig('build')),
      ...readSizeBudgets(wasi?.getOptionalConfig('build')),
      timeoutMs:
        (wasi?.getOptionalNumber('build.timeoutSeconds') ?? 300) * 1000,
      maxOutputBytes:
        wasi?.getOptionalNumber('build.maxOutputBytes') ?? 10 * 1024 * 1024,
      maxModuleBytes:
        wasi?.getOptionalNumber('build.maxModuleBytes') ?? 100 * 1024 * 1024,
      maxWorkspaceBytes:
        wasi?.getOptionalNumber('build.maxWorkspaceBytes') ??
        1024 * 1024 * 1024,
      cache: readBuildCache(wasi),
    },
    prebuilt: {
      allowedHosts: wasi?.getOptionalStringArray('prebuilt.allowedHosts') ?? [],
    },
    kubeconfig: wasi?.getOptionalString('kubeconfig'),
    ...readIdentity(wasi?.getOptionalConfig('identity')),
    watch: { namespaces: readWatchedNamespaces(wasi) },
    invoke: {
      timeoutMs:
        (wasi?.getOptionalNumber('invoke.timeoutSeconds') ?? 30) * 1000,
    },
    ...readSupplyChainConfig(wasi),
  };
}

function readBuildCache(
  wasi: Config | undefined,
): WasiConfig['build']['cache'] {
  const directory = wasi?.getOptionalString('build.cacheDirectory');
  const maxBytes =
    wasi?.getOptionalNumber('build.maxCacheBytes') ?? 1024 * 1024 * 1024;
  if (maxBytes <= 0) {
    return undefined;
  }
  return { ...(directory && { directory: resolve(directory) }), maxBytes };
}

// `yarn start` runs the backend in packages/backend, the toolchains lie at the root.
function nearestToolchains(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, '.toolchains');
    if (existsSync(candidate)) {
      return candidate;
    }
    if (dirname(folder) === folder) {
      return join(start, '.toolchains');
    }
  }
}
