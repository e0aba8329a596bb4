import type { Config } from '@backstage/config';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { connectCluster } from '../../../cluster/connectCluster';
import type { WasiConfig } from '../../../config';
import type { OperatorLog } from '../createBuildRunner';
import type { BuildRunner } from '../types';
import { openJob } from './openJob';

/**
 * Runs the tools of each build in a job of a cluster.
 *
 * @internal
 */
export function createKubernetesRunner(options: {
  config: WasiConfig;
  rootConfig?: Config;
  logger?: OperatorLog;
}): BuildRunner {
  const { config, rootConfig, logger } = options;
  const { kubernetes } = config.build;

  function connect() {
    if (!rootConfig || !kubernetes) {
      throw new WasiError('BUILD_RUNNER_UNAVAILABLE', {
        message: 'Builds are to run in a cluster, and none is configured.',
        remedy: 'Set `wasi.build.kubernetes`.',
      });
    }
    return {
      kubernetes,
      ...connectCluster({ rootConfig, config, name: kubernetes.cluster }),
    };
  }

  return {
    async ready() {
      try {
        connect();
      } catch (error) {
        logger?.error(`Builds cannot run in a cluster: ${error}`);
      }
    },
    async open(build) {
      const cluster = connect();
      const { name, label } = build.runtime;
      const { images } = cluster.kubernetes;
      if (!Object.hasOwn(images, name)) {
        throw new WasiError('BUILD_RUNNER_UNAVAILABLE', {
          message: `No builder image is configured for ${label}.`,
          remedy: `Add ${name} to \`wasi.build.kubernetes.images\`.`,
        });
      }
      return openJob({ ...cluster, image: images[name], config, build });
    },
  };
}
