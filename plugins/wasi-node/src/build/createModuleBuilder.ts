import { mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../config';
import { createModuleRegistry, type ModuleRegistry } from '../registry';
import type { Toolchains } from '../toolchains';
import { BuildProgress } from './BuildProgress';
import { checkBudget } from './checkBudget';
import { deliverModule } from './deliverModule';
import { createFetchFile, type FetchFile } from './fetchFile';
import { openBuildCache } from './openBuildCache';
import { produceModule } from './produceModule';
import { requireRuntime } from './requireTools';
import {
  createBuildRunner,
  type BuildPlace,
  type BuildRunner,
} from './runners';
import type { BuildOptions, BuildRun, ModuleBuilder } from './types';

/**
 * Builds modules with the tools that their runtime needs.
 *
 * @param options - `fetch`: stands in for the network when modules are downloaded;
 * `registry`: where `oci://` sources are pulled from, by default the registries of `config`;
 * `runner`: where tools run, by default as `wasi.build.runner` says.
 * @public
 */
export function createModuleBuilder(options: {
  config: WasiConfig;
  toolchains: Toolchains;
  fetch?: FetchFile;
  registry?: Pick<ModuleRegistry, 'canPullAnonymously' | 'pull'>;
  runner?: BuildRunner;
}): ModuleBuilder {
  const { config, toolchains } = options;
  const fetchFile = options.fetch ?? createFetchFile();
  const registry = options.registry ?? createModuleRegistry(config);
  const runner = options.runner ?? createBuildRunner({ config });
  const cache = openBuildCache(config);

  return {
    async build(request) {
      const started = performance.now();
      const runtime = requireRuntime(request.funcConfig.runtime);
      const directory = await openDirectory(request);
      const scratch = await realpath(
        await mkdtemp(join(tmpdir(), 'wasi-build-')),
      );
      const progress = new BuildProgress({ log: request.log, scratch });
      let place: Promise<BuildPlace> | undefined;
      // Until there is a node with room, or a tool is made ready: not the build's time.
      let waited = 0;
      const openPlace = async (build: BuildRun) => {
        const since = performance.now();
        try {
          return await runner.open(build);
        } finally {
          waited = performance.now() - since;
        }
      };
      const run: BuildRun = {
        directory,
        scratch,
        funcConfig: request.funcConfig,
        runtime,
        config,
        toolchains,
        fetch: fetchFile,
        registry,
        place: () => (place ??= openPlace(run)),
        signal: request.signal,
        log: line => progress.output(line),
        progress,
        timeLeft: () =>
          Math.max(
            1,
            Math.ceil(
              config.build.timeoutMs + waited - (performance.now() - started),
            ),
          ),
      };
      try {
        const produced = await produceModule(run, cache);
        refuseIfAborted(run);
        const findings = await checkBudget(run, produced.path);
        const path = await deliverModule(run, produced.path);
        return {
          path,
          size: (await stat(path)).size,
          ...(produced.sizeBefore !== undefined && {
            sizeBefore: produced.sizeBefore,
          }),
          durationMs: Math.round(performance.now() - started),
          phases: progress.phases(),
          tools: produced.tools.versions,
          unchanged: produced.unchanged,
          findings,
        };
      } finally {
        progress.close();
        // A place that could not be made has told so already.
        await (await place?.catch(() => undefined))?.close();
        await rm(scratch, { recursive: true, force: true });
      }
    },
  };
}

function refuseIfAborted({ signal }: BuildRun): void {
  if (signal?.aborted) {
    throw new WasiError('BUILD_ABORTED', {
      message: 'The build was cancelled.',
    });
  }
}

async function openDirectory({ directory }: BuildOptions): Promise<string> {
  try {
    return await realpath(directory);
  } catch (error) {
    throw new WasiError('SOURCE_MISSING', {
      message: "The function's folder does not exist.",
      cause: error,
    });
  }
}
