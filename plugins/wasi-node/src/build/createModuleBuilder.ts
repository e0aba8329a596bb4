import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import {
  copyFile,
  mkdtemp,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
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
import { createBuildCache, type BuildCache } from './buildCache';
import { createFetchFile, type FetchFile } from './fetchFile';
import { fetchPrebuilt } from './fetchPrebuilt';
import {
  createBuildRunner,
  type BuildPlace,
  type BuildRunner,
} from './runners';
import { runSteps } from './runSteps';
import { stageSources } from './stageSources';
import type { BuildOptions, BuildRun, ModuleBuilder } from './types';

/** Part of what a build is remembered by; count on when the same source becomes another module. */
const RECIPE = 1;

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
  const cache = openCache(config);

  return {
    async build(request) {
      const started = performance.now();
      const runtime = requireRuntime(request.funcConfig.runtime);
      const directory = await openDirectory(request);
      const scratch = await realpath(
        await mkdtemp(join(tmpdir(), 'wasi-build-')),
      );
      let place: Promise<BuildPlace> | undefined;
      const run: BuildRun = {
        directory,
        scratch,
        funcConfig: request.funcConfig,
        runtime,
        config,
        toolchains,
        fetch: fetchFile,
        registry,
        place: () => (place ??= runner.open(run)),
        signal: request.signal,
        log: request.log,
        timeLeft: () =>
          Math.max(
            1,
            Math.ceil(config.build.timeoutMs - (performance.now() - started)),
          ),
      };
      try {
        const produced =
          runtime.strategy === 'prebuilt'
            ? await produceAnew(run)
            : await produceFromSource(run, cache);
        refuseIfAborted(run);
        const path = produced.path.startsWith(scratch + sep)
          ? await deliver(produced.path, directory)
          : // A module of the repository stays where it is.
            produced.path;
        return {
          path,
          size: (await stat(path)).size,
          durationMs: Math.round(performance.now() - started),
          tools: await toolVersions(run),
          unchanged: produced.unchanged,
        };
      } finally {
        // A place that could not be made has told so already.
        await (await place?.catch(() => undefined))?.close();
        await rm(scratch, { recursive: true, force: true });
      }
    },
  };
}

interface Produced {
  path: string;
  unchanged: boolean;
}

/** Builds a copy of the source, or takes what an equal one became. */
async function produceFromSource(
  original: BuildRun,
  cache: BuildCache | undefined,
): Promise<Produced> {
  const { scratch, runtime, funcConfig, config } = original;
  const directory = join(scratch, 'source');
  const sources = await stageSources({
    directory: original.directory,
    target: directory,
    maxBytes: config.build.maxWorkspaceBytes ?? Infinity,
  });
  const run: BuildRun = { ...original, directory };
  const key = createHash('sha256')
    .update(
      JSON.stringify([
        RECIPE,
        sources,
        runtime,
        funcConfig.name,
        funcConfig.build.source,
        await toolVersions(run),
      ]),
    )
    .digest('hex');
  const kept = join(scratch, 'kept.wasm');
  if (await cache?.take(key, kept).catch(tell)) {
    await requireSize(kept, config.build.maxModuleBytes);
    return { path: kept, unchanged: true };
  }
  const produced = await produceAnew(run);
  await cache?.keep(key, produced.path).catch(tell);
  return produced;

  /** The build stands without it. */
  function tell(error: NodeJS.ErrnoException): undefined {
    run.log(`The cache of builds cannot be used: ${error.code ?? error.name}.`);
  }
}

async function produceAnew(run: BuildRun): Promise<Produced> {
  await requireTools(run.runtime, run.toolchains);
  const path = await produce(run);
  const { findings } = await checkModule(path, {
    maxBytes: run.config.build.maxModuleBytes,
  });
  if (findings.length > 0) {
    throw new WasiError(findings[0].code, {
      message: findings.map(({ message }) => message).join(' '),
      remedy: findings[0].remedy,
      findings,
    });
  }
  return { path, unchanged: false };
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

/** Moved last, so that what lies in the function's folder can be served. */
async function deliver(produced: string, directory: string): Promise<string> {
  const target = join(directory, 'module.wasm');
  const incoming = join(directory, `.module-${randomUUID()}.wasm`);
  try {
    // A rename does not cross file systems; from the neighbour it does not have to.
    await copyFile(produced, incoming);
    await rename(incoming, target);
  } finally {
    await rm(incoming, { force: true });
  }
  return target;
}

function refuseIfAborted({ signal }: BuildRun): void {
  if (signal?.aborted) {
    throw new WasiError('BUILD_ABORTED', {
      message: 'The build was cancelled.',
    });
  }
}

/** The limit may be another than when the module was built. */
async function requireSize(path: string, maxBytes: number): Promise<void> {
  const { size } = await stat(path);
  if (size > maxBytes) {
    throw new WasiError('MODULE_TOO_LARGE', {
      message: `The module has ${size} bytes; at most ${maxBytes} are allowed.`,
    });
  }
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

function openCache({ build }: WasiConfig): BuildCache | undefined {
  if (!build.cache) {
    return undefined;
  }
  const { directory, maxBytes } = build.cache;
  return createBuildCache({
    directory: async () => directory ?? ownCacheDirectory(),
    maxBytes,
  });
}

let ownCache: string | undefined;

/** Ours alone, and gone with us: a name that others can guess would be theirs to fill. */
function ownCacheDirectory(): string {
  if (!ownCache) {
    const created = mkdtempSync(join(tmpdir(), 'wasi-builds-'));
    process.once('exit', () =>
      rmSync(created, { recursive: true, force: true }),
    );
    ownCache = created;
  }
  return ownCache;
}
