import { createHash } from 'node:crypto';
import { isRemoteSource } from './fetchPrebuilt';
import type { ToolIdentity } from './toolIdentity';
import type { BuildRun } from './types';

/** Part of what a build is remembered by; count on when the same source becomes another module. */
const RECIPE = 2;

/**
 * What a build is remembered by: all that the module depends on, and nothing else.
 *
 * @param inputs - `sources`: digest of the function's folder.
 * @returns 64 hex digits, which tell nothing of the secrets among the inputs.
 * @internal
 */
export function buildKey(
  { runtime, funcConfig, config }: BuildRun,
  inputs: { sources: string; tools: ToolIdentity },
): string {
  const { name, build } = funcConfig;
  const { runner, env } = config.build;
  return createHash('sha256')
    .update(
      JSON.stringify([
        RECIPE,
        inputs.sources,
        inputs.tools.printed,
        runtime,
        name,
        build.source,
        build.optimize,
        build.buildEnvs,
        // Where it is built, with what the operator adds.
        runner,
        env,
      ]),
    )
    .digest('hex');
}

/**
 * What a module that is fetched is remembered by; undefined where func.yaml
 * does not say by its digest which one it must be, or where it lies in the
 * repository.
 *
 * @internal
 */
export function fetchKey(
  { funcConfig, config }: BuildRun,
  tools: ToolIdentity,
): string | undefined {
  const { source, digest } = funcConfig.build;
  if (digest === undefined || !source || !isRemoteSource(source)) {
    return undefined;
  }
  return createHash('sha256')
    .update(
      JSON.stringify([
        RECIPE,
        'prebuilt',
        source,
        digest,
        tools.printed,
        // What was fetched when more was allowed has to be asked for again.
        config.prebuilt.allowedHosts,
        config.registries.map(({ host, prefix }) => [host, prefix]),
      ]),
    )
    .digest('hex');
}
