import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../../config';
import { createHostRunner } from './hostRunner';
import { findBubblewrap, type Bubblewrap } from './sandbox/findBubblewrap';
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
  config: Pick<WasiConfig, 'build' | 'toolchains'>;
  logger?: OperatorLog;
  searchPath?: string;
}): BuildRunner {
  const { config, logger, searchPath = process.env.PATH ?? '' } = options;
  const { runner } = config.build;
  const host = createHostRunner(config);
  if (runner === 'host') {
    return host;
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

  return {
    async ready() {
      await bubblewrap();
    },
    async open(build) {
      const found = await bubblewrap();
      if (found.works) {
        return openSandbox(found, config, build);
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
