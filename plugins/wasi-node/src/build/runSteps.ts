import { join, relative } from 'node:path';
import {
  stepPlaceholders,
  WasiError,
  whyBuildEnvRefused,
  type FuncConfig,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { bundleGuard } from './bundleGuard';
import { checkSource } from './checkSource';
import { componentize } from './componentize';
import { findOutput } from './findOutput';
import { findSource } from './findSource';
import { listSources } from './listSources';
import { prepareWit } from './prepareWit';
import { requireJco } from './requireJco';
import { runTool } from './runTool';
import type { BuildRun } from './types';
import { requireContained, workspacePath } from './workspacePath';

/**
 * Builds a module by the commands of its runtime.
 *
 * @returns Path of what the commands left.
 * @internal
 */
export async function runSteps(run: BuildRun): Promise<string> {
  const source = await findSource(run);
  const refused = new AbortController();
  const { signal } = run;
  // Beside the compiler, which takes longer: what it finds counts first.
  const checking = checkSource(run, source);
  checking.catch(() => refused.abort());
  try {
    return await compile(
      {
        ...run,
        signal: AbortSignal.any(
          signal ? [signal, refused.signal] : [refused.signal],
        ),
      },
      source,
    );
  } finally {
    await checking;
  }
}

async function compile(run: BuildRun, source: string): Promise<string> {
  const { runtime, funcConfig, directory, scratch } = run;
  const values: Record<string, string> = {
    [stepPlaceholders.source]: source,
    [stepPlaceholders.scratch]: scratch,
    [stepPlaceholders.core]: join(scratch, 'core.wasm'),
    [stepPlaceholders.embedded]: join(scratch, 'embedded.wasm'),
    [stepPlaceholders.output]: join(scratch, 'module.wasm'),
    [stepPlaceholders.name]: funcConfig.name,
    [stepPlaceholders.crate]: funcConfig.name.replaceAll('-', '_'),
  };
  const commands = runtime.steps.map(step => step.command);
  if (commands.flat().some(word => word.includes(stepPlaceholders.wit))) {
    values[stepPlaceholders.wit] = await findWit(run);
  }
  const fill = (word: string) =>
    Object.entries(values).reduce(
      (text, [placeholder, value]) => text.replaceAll(placeholder, value),
      word,
    );

  const fillAll = async (words: string[]) => {
    const filled = await Promise.all(
      words.map(word =>
        word === stepPlaceholders.sources
          ? listSources(directory, source)
          : [fill(word)],
      ),
    );
    return filled.flat();
  };

  for (const { label, command, env } of runtime.steps) {
    const tool = await run.toolchains.find(command[0]);
    if (!tool) {
      throw new WasiError('TOOLCHAIN_MISSING', {
        message: `${command[0]} is missing.`,
      });
    }
    run.log(`${label}: ${relative(directory, source)}`);
    const guard = command.includes('--bundle')
      ? await bundleGuard(run)
      : undefined;
    const runStep = async () =>
      runTool(run, {
        tool,
        args: [...(await fillAll(command.slice(1))), ...(guard?.args ?? [])],
        label,
        env: {
          ...buildEnv(funcConfig),
          ...Object.fromEntries(
            Object.entries(env ?? {}).map(([name, value]) => [
              name,
              fill(value),
            ]),
          ),
          ...guard?.env,
        },
      });
    try {
      // From a core module to a component is a phase of its own.
      await (command.some(word => word.includes(stepPlaceholders.embedded))
        ? run.progress.run('componentize', runStep)
        : runStep());
    } catch (error) {
      throw (await guard?.refusal()) ?? error;
    }
  }

  const words = commands.flat();
  const written = [stepPlaceholders.output, stepPlaceholders.core].find(place =>
    words.some(word => word.includes(place)),
  );
  const output = await findOutput(
    run,
    written ? values[written] : fill(runtime.output),
    values[stepPlaceholders.crate],
  );
  return componentize(run, output);
}

/** What func.yaml adds to the environment of the tools, once more held against what it may. */
function buildEnv({ build }: FuncConfig): Record<string, string> {
  const env: Record<string, string> = {
    // Compilers take it for the time: the same source makes the same module.
    SOURCE_DATE_EPOCH: '0',
  };
  for (const variable of build.buildEnvs ?? []) {
    const why = whyBuildEnvRefused(variable);
    if (why) {
      throw new WasiError('BUILD_ENV_REFUSED', {
        message: `build.buildEnvs of func.yaml: ${why}.`,
      });
    }
    const { name, value } = variable;
    if (name !== undefined && value !== undefined) {
      env[name] = value;
    }
  }
  return env;
}

async function findWit(run: BuildRun): Promise<string> {
  const own = await workspacePath(run.directory, 'wit');
  if (own) {
    await requireContained(run.directory, own);
    return own;
  }
  return prepareWit({
    jco: await requireJco(run),
    place: await run.place(),
    folder: join(run.scratch, 'wit'),
  });
}
