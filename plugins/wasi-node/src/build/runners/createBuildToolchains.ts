import type { WasiConfig } from '../../config';
import { createToolchains, type Toolchains } from '../../toolchains';
import { createImageToolchains } from './kubernetes/imageToolchains';

/**
 * The tools that builds use: of this machine, or of the builder images where
 * builds run in a cluster.
 *
 * @public
 */
export function createBuildToolchains(
  config: Pick<WasiConfig, 'build' | 'toolchains'>,
): Toolchains {
  return config.build.runner === 'kubernetes'
    ? createImageToolchains(config)
    : createToolchains(config);
}
