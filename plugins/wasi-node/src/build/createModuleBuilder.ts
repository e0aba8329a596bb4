import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import {
  copyFile,
  mkdtemp,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  findRuntime,
  WasiError,
  type Runtime,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../config';
import { checkModule } from '../inspect';
import { createModuleRegistry, type ModuleRegistry } from '../registry';
import type { Toolchains } from '../toolchains';
import { assembleText } from './assembleText';
import { createFetchFile, type FetchFile } from './fetchFile';
import { fetchPrebuilt } from './fetchPrebuilt';
import { runSteps } from './runSteps';
import type { BuildOptions, BuildRun, ModuleBuilder } from './types';

/**
 * Builds modules with the tools of this machine.
 *
 * @param options - `fetch`: stands in for the network when modules are downloaded;
 * `registry`: where `oci://` sources are pulled from, by default the registries of `config`.
 * @public
 */
export function createModuleBuilder(options: {
  config: WasiConfig;
  toolchains: Toolchains;
  fetch?: FetchFile;
  registry?: Pick<ModuleRegistry, 'canPullAnonymously' | 'pull'>;
}): ModuleBuilder {
  const { config, toolchains } = options;
  const fetchFile = options.fetch ?? createFetchFile();
  const registry = options.registry ?? createModuleRegistry(config);

  return {
    async build(request) {
      const started = performance.now();
      const runtime = requireRuntime(request.funcConfig.runtime);
      await requireTools(runtime, toolchains);
      const scratch = await realpath(
        await mkdtemp(join(tmpdir(), 'wasi-build-')),
      );
      try {
        const run: BuildRun = {
          directory: await openDirectory(request),
          scratch,
          home: homeOf(runtime.name),
          funcConfig: request.funcConfig,
          runtime,
          config,
          toolchains,
          fetch: fetchFile,
          registry,
          signal: request.signal,
          log: request.log,
          timeLeft: () =>
            Math.max(
              1,
              Math.ceil(config.build.timeoutMs - (performance.now() - started)),
            ),
        };
        const path = await deliver(run, await produce(run));
        return {
          path,
          size: (await stat(path)).size,
          durationMs: Math.round(performance.now() - started),
          tools: await toolVersions(run),
        };
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },
  };
}

function produce(run: BuildRun): Promise<string> {
  const { strategy } = run.runtime;
  switch (strategy) {
    case 'commands':
      return runSteps(run);
    case 'text':
      return assembleText(run);
    case 'prebuilt':
      return fetchPrebuilt(run);
    default:
      throw new Error(`Unknown strategy ${strategy satisfies never}`);
  }
}

/** Checked first and moved last, so that what lies in the function's folder can be served. */
async function deliver(run: BuildRun, produced: string): Promise<string> {
  const { findings } = await checkModule(produced, {
    maxBytes: run.config.build.maxModuleBytes,
  });
  if (findings.length > 0) {
    throw new WasiError(findings[0].code, {
      message: findings.map(({ message }) => message).join(' '),
      remedy: findings[0].remedy,
      findings,
    });
  }
  if (run.signal?.aborted) {
    throw new WasiError('BUILD_ABORTED', {
      message: 'The build was cancelled.',
    });
  }
  if (!produced.startsWith(`${run.scratch}/`)) {
    // A module of the repository stays where it is.
    return produced;
  }
  const target = join(run.directory, 'module.wasm');
  const incoming = join(run.directory, `.module-${randomUUID()}.wasm`);
  try {
    // A rename does not cross file systems; from the neighbour it does not have to.
    await copyFile(produced, incoming);
    await rename(incoming, target);
  } finally {
    await rm(incoming, { force: true });
  }
  return target;
}

function requireRuntime(name: string): Runtime {
  const runtime = findRuntime(name);
  if (!runtime) {
    throw new WasiError('RUNTIME_UNKNOWN', {
      message: `There is no runtime ${name}.`,
    });
  }
  if (!runtime.buildable) {
    throw new WasiError('BUILD_NOT_SUPPORTED', {
      message: `${runtime.label} modules (${runtime.name}) are not built here yet.`,
    });
  }
  return runtime;
}

async function requireTools(
  runtime: Runtime,
  toolchains: Toolchains,
): Promise<void> {
  const findings = await toolchains.check(runtime.name);
  if (findings.length > 0) {
    throw new WasiError(
      findings.some(({ code }) => code === 'TOOLCHAIN_MISSING')
        ? 'TOOLCHAIN_MISSING'
        : findings[0].code,
      {
        message: `${
          runtime.label
        } modules cannot be built on this machine: ${findings
          .map(({ message }) => message)
          .join(' ')}`,
        remedy: findings.map(({ remedy }) => remedy).join(' '),
        findings,
      },
    );
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

async function toolVersions(run: BuildRun): Promise<Record<string, string>> {
  if (run.runtime.prerequisites.some(({ tool }) => tool === 'jco')) {
    const jco = await run.toolchains.jco();
    return jco ? { jco: jco.version } : {};
  }
  return {};
}

let homes: string | undefined;

/** One HOME a runtime, so that caches serve the next build; ours alone, and gone with us. */
function homeOf(runtime: string): string {
  if (!homes) {
    const created = mkdtempSync(join(tmpdir(), 'wasi-home-'));
    process.once('exit', () =>
      rmSync(created, { recursive: true, force: true }),
    );
    homes = created;
  }
  const home = join(homes, runtime);
  mkdirSync(home, { recursive: true });
  return home;
}
