import { randomUUID } from 'node:crypto';
import {
  copyFile,
  mkdir,
  mkdtemp,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  stepPlaceholders,
  WasiError,
  type FuncConfig,
  type Runtime,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { BuildProgress } from '../build/BuildProgress';
import { createFetchFile } from '../build/fetchFile';
import { findOutput } from '../build/findOutput';
import { findSource } from '../build/findSource';
import { listSources } from '../build/listSources';
import type { BuildPlace, BuildRunner } from '../build/runners';
import { runTool } from '../build/runTool';
import { stageSources } from '../build/stageSources';
import { toolIdentity } from '../build/toolIdentity';
import type { BuildRun } from '../build/types';
import { runWasmTools } from '../build/wasmTools';
import { resolveInWorkspace } from '../build/workspacePath';
import type { WasiConfig } from '../config';
import { inspectModule } from '../inspect';
import type { ModuleRegistry } from '../registry';
import type { Toolchains } from '../toolchains';
import {
  commandTargets,
  findCommandRecipe,
  HOST_OUTPUT,
} from './commandRecipes';
import { goPackage } from './goPackage';
import type {
  BuiltCommand,
  CommandBuilder,
  CommandBuildOptions,
} from './types';

const DEFAULT_OUTPUT = 'module.wasm';

/**
 * Builds commands with the tools of a runner.
 *
 * @public
 */
export function createCommandBuilder(options: {
  config: WasiConfig;
  toolchains: Toolchains;
  runner: BuildRunner;
  registry: ModuleRegistry;
}): CommandBuilder {
  const { config, toolchains, runner, registry } = options;
  return {
    async build(request) {
      const started = performance.now();
      const recipe = requireRecipe(request);
      await requireTools(recipe, toolchains);
      const scratch = await realpath(
        await mkdtemp(join(tmpdir(), 'wasi-build-')),
      );
      const progress = new BuildProgress({ log: request.log, scratch });
      let place: Promise<BuildPlace> | undefined;
      const run: BuildRun = {
        directory: join(scratch, 'source'),
        scratch,
        funcConfig: commandConfig(request),
        runtime: recipe,
        config,
        toolchains,
        fetch: createFetchFile(),
        registry,
        place: () => (place ??= runner.open(run)),
        signal: request.signal,
        log: line => progress.output(line),
        progress,
        timeLeft: () =>
          Math.max(
            1,
            Math.ceil(config.build.timeoutMs - (performance.now() - started)),
          ),
      };
      try {
        await stageSources({
          directory: await realpath(request.directory),
          target: run.directory,
          maxBytes: config.build.maxWorkspaceBytes ?? Infinity,
        });
        const produced = await progress.run('compile', () =>
          produce(run, request),
        );
        await requireCommand(produced, config.build.maxModuleBytes);
        return await deliver(run, request, produced);
      } finally {
        progress.close();
        // A place that could not be made has told so already.
        await (await place?.catch(() => undefined))?.close();
        await rm(scratch, { recursive: true, force: true });
      }
    },
  };
}

async function produce(
  run: BuildRun,
  request: CommandBuildOptions,
): Promise<string> {
  const { runtime, scratch, directory } = run;
  const file = await findSource(run);
  const output = join(scratch, 'module.wasm');
  if (runtime.strategy === 'text') {
    return await assemble(run, file, output);
  }
  await mkdir(join(scratch, 'hosted'), { recursive: true });
  const values: Record<string, string> = {
    [stepPlaceholders.source]:
      request.language === 'go' ? goPackage(directory, request.source) : file,
    [stepPlaceholders.scratch]: scratch,
    [stepPlaceholders.output]: output,
  };
  const fill = (word: string) =>
    Object.entries(values).reduce(
      (text, [placeholder, value]) => text.replaceAll(placeholder, value),
      word,
    );
  for (const { label, command, env } of runtime.steps) {
    const tool = await run.toolchains.find(command[0]);
    if (!tool) {
      throw new WasiError('TOOLCHAIN_MISSING', {
        message: `${command[0]} is missing.`,
      });
    }
    const args = await Promise.all(
      command
        .slice(1)
        .map(async word =>
          word === stepPlaceholders.sources
            ? await listSources(directory, file)
            : [fill(word)],
        ),
    );
    await runTool(run, { tool, args: args.flat(), label, env });
  }
  const writes = runtime.steps.some(({ command }) =>
    command.includes(stepPlaceholders.output),
  );
  return await findOutput(run, writes ? output : fill(runtime.output), '');
}

async function assemble(
  run: BuildRun,
  input: string,
  output: string,
): Promise<string> {
  const result = await runWasmTools(run, { command: 'parse', input, output });
  if (!result.ok) {
    const { line, column, message } = result;
    throw new WasiError('BUILD_FAILED', {
      message: `The source does not assemble: ${
        line === undefined ? '' : `line ${line}, column ${column}: `
      }${message}.`,
      remedy: 'Correct the source at this place.',
    });
  }
  return output;
}

async function deliver(
  run: BuildRun,
  request: CommandBuildOptions,
  produced: string,
): Promise<BuiltCommand> {
  const directory = await realpath(request.directory);
  const output = request.output ?? DEFAULT_OUTPUT;
  const path = resolveInWorkspace(directory, output);
  await putInPlace(produced, path);
  let hostPath: string | undefined;
  if (request.target === 'emscripten-js') {
    hostPath = resolveInWorkspace(
      directory,
      join(dirname(output), 'module.js'),
    );
    await putInPlace(
      HOST_OUTPUT.replace(stepPlaceholders.scratch, run.scratch),
      hostPath,
    );
  }
  return {
    path,
    ...(hostPath && { hostPath }),
    size: (await stat(path)).size,
    tools: (await toolIdentity(run)).versions,
  };
}

/** Renamed last: what has the name is whole. */
async function putInPlace(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const incoming = join(dirname(to), `.${randomUUID()}`);
  try {
    await copyFile(from, incoming);
    await rename(incoming, to);
  } finally {
    await rm(incoming, { force: true });
  }
}

async function requireCommand(path: string, maxBytes: number): Promise<void> {
  const { entry, imports } = await inspectModule(path, { maxBytes });
  const hosted = imports.some(name => /^(gojs|go|env|a)\./.test(name));
  if (entry !== 'command' && !hosted) {
    throw new WasiError('BUILD_NO_MODULE', {
      message: 'The build left a module that is no program: it has no _start.',
      remedy: 'Give the program a main function.',
    });
  }
}

function requireRecipe({ language, target }: CommandBuildOptions): Runtime {
  const recipe = findCommandRecipe(language, target);
  if (!recipe) {
    throw new WasiError('BUILD_NOT_SUPPORTED', {
      message: `${language} is not built for ${target}.`,
      remedy: `Choose one of ${commandTargets(language).join(', ')}.`,
    });
  }
  return recipe;
}

async function requireTools(
  recipe: Runtime,
  toolchains: Toolchains,
): Promise<void> {
  const findings = await toolchains.check(recipe);
  if (findings.length > 0) {
    throw new WasiError(findings[0].code, {
      message: `${recipe.language} cannot be built on this machine: ${findings
        .map(({ message }) => message)
        .join(' ')}`,
      remedy: findings.map(({ remedy }) => remedy).join(' '),
      findings,
    });
  }
}

function commandConfig({ language, source }: CommandBuildOptions): FuncConfig {
  return {
    name: 'module',
    runtime: '',
    build: {
      // A package of Go is no file, and its go.mod is found without being named.
      source: language === 'go' || language === 'rust' ? undefined : source,
    },
  } as FuncConfig;
}
