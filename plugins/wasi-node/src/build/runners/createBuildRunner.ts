import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Config } from '@backstage/config';
import type { WasiConfig } from '../../config';
import { createHostRunner } from './hostRunner';
import { createKubernetesRunner } from './kubernetes/createKubernetesRunner';
import { findBubblewrap, type Bubblewrap } from './sandbox/findBubblewrap';
import { createJcoCache, type JcoCache } from './sandbox/jcoCache';
import { openSandbox } from './sandbox/openSandbox';
import type { BuildRunner } from './types';

/**
 * Tells operators what they should know.
 *
 * @public
 */
export interface OperatorLog {
  warn(message: string): void;
  error(message: string): void;
}

/**
 * The runner that `wasi.build.runner` names; by default a sandbox where
 * bubblewrap works, else this machine as it is, which the log tells once.
 *
 * @param options - `searchPath`: where bubblewrap is looked for. Default: our PATH.
 * @public
 */
export function createBuildRunner(options: {
  config: WasiConfig;
  /** Knows the clusters, where builds run in one. */
  rootConfig?: Config;
  logger?: OperatorLog;
  searchPath?: string;
}): BuildRunner {
  const { config, logger } = options;
  const searchPath = options.searchPath ?? process.env.PATH ?? '';
  const { runner } = config.build;
  const host = createHostRunner(config);
  if (runner === 'host') {
    return host;
  }
  if (runner === 'kubernetes') {
    return createKubernetesRunner(options);
  }

  let looking: Promise<Bubblewrap> | undefined;
  async function look(): Promise<Bubblewrap> {
    const found = await findBubblewrap({
      paths: config.toolchains.paths,
      searchPath,
    });
    if (!found.works) {
      if (runner === 'sandbox') {
        logger?.error(
          `Builds cannot run in a sandbox: ${found.reason}. ${found.remedy}`,
        );
        // Whoever installs it should not have to restart the backend.
        looking = undefined;
      } else {
        logger?.warn(
          `Builds run on this machine without a sandbox, with the rights of the backend: ${found.reason}. ${found.remedy}`,
        );
      }
    }
    return found;
  }
  const bubblewrap = () => (looking ??= look());

  let cache: JcoCache | undefined;
  const jcoCache = (found: Bubblewrap & { works: true }) =>
    (cache ??= createJcoCache({
      directory: config.toolchains.directory,
      open: scratch =>
        openSandbox(found, config, {
          scratch,
          directory: scratch,
          network: false,
          log: () => undefined,
        }),
    }));

  return {
    async ready() {
      try {
        await bubblewrap();
      } catch (error) {
        logger?.error(`Builds cannot be made ready for: ${error}`);
      }
    },
    async open(build) {
      const found = await bubblewrap();
      if (found.works) {
        return openSandbox(found, config, {
          ...build,
          network: build.runtime.network ?? false,
          cacheFor: command => jcoCache(found).folderFor(command),
        });
      }
      if (runner === 'sandbox') {
        throw new WasiError('BUILD_RUNNER_UNAVAILABLE', {
          message: `Builds cannot run in a sandbox: ${found.reason}.`,
          remedy: found.remedy,
        });
      }
      return host.open(build);
    },
  };
}
