import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatBytes,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { checkModule } from '../inspect';
import { assembleText } from './assembleText';
import type { BuildCache } from './buildCache';
import { buildKey, fetchKey } from './buildKey';
import { fetchPrebuilt } from './fetchPrebuilt';
import { optimiseModule } from './optimiseModule';
import { requireTools } from './requireTools';
import { runSteps } from './runSteps';
import { stageSources } from './stageSources';
import { toolIdentity, type ToolIdentity } from './toolIdentity';
import type { BuildRun } from './types';

/**
 * A module that the runner can serve, not yet in the function's folder.
 *
 * @internal
 */
export interface ProducedModule {
  path: string;
  /** Bytes before it was optimised; absent where it was not. */
  sizeBefore?: number;
  unchanged: boolean;
  tools: ToolIdentity;
}

/**
 * Builds or fetches the module of a function, or takes what the same inputs
 * became before.
 *
 * @internal
 */
export async function produceModule(
  run: BuildRun,
  cache: BuildCache | undefined,
): Promise<ProducedModule> {
  const { progress, runtime, config } = run;
  if (runtime.strategy === 'prebuilt') {
    const tools = await toolIdentity(run);
    return produceOnce(run, { cache, key: fetchKey(run, tools), tools });
  }
  const asking = toolIdentity(run);
  // Its failure is told when it is waited for, or with that of the sources.
  asking.catch(() => undefined);
  const directory = join(run.scratch, 'source');
  const sources = await progress.run(
    'stage sources',
    () =>
      stageSources({
        directory: run.directory,
        target: directory,
        maxBytes: config.build.maxWorkspaceBytes ?? Infinity,
      }),
    ({ files, bytes }) => `${files} files, ${formatBytes(bytes)}`,
  );
  const tools = await asking;
  const staged: BuildRun = { ...run, directory };
  const key = buildKey(staged, { sources: sources.digest, tools });
  return produceOnce(staged, { cache, key, tools });
}

async function produceOnce(
  run: BuildRun,
  options: {
    cache: BuildCache | undefined;
    /** Undefined: nobody can say whether it is the same again. */
    key: string | undefined;
    tools: ToolIdentity;
  },
): Promise<ProducedModule> {
  const { tools, key } = options;
  const cache = key === undefined ? undefined : options.cache;
  const kept = join(run.scratch, 'kept.wasm');
  if (cache && (await cache.take(key!, kept).catch(tell))) {
    await requireSize(kept, run.config.build.maxModuleBytes);
    return { path: kept, unchanged: true, tools };
  }
  const produced = await produceAnew(run);
  await cache?.keep(key!, produced.path).catch(tell);
  return { ...produced, unchanged: false, tools };

  /** The build stands without it. */
  function tell(error: NodeJS.ErrnoException): undefined {
    run.log(`The cache of builds cannot be used: ${error.code ?? error.name}.`);
  }
}

async function produceAnew(
  run: BuildRun,
): Promise<Pick<ProducedModule, 'path' | 'sizeBefore'>> {
  const { progress, runtime } = run;
  await progress.run('check tools', () =>
    requireTools(runtime, run.toolchains),
  );
  const built = await produce(run);
  const optimised = await optimiseModule(run, built);
  await progress.run('check', () => requireServable(run, optimised.path));
  return optimised;
}

function produce(run: BuildRun): Promise<string> {
  const { strategy } = run.runtime;
  switch (strategy) {
    case 'commands':
      return run.progress.run('compile', () => runSteps(run));
    case 'text':
      return run.progress.run('compile', () => assembleText(run));
    case 'prebuilt':
      return fetchPrebuilt(run);
    default:
      throw new Error(`Unknown strategy ${strategy satisfies never}`);
  }
}

async function requireServable(run: BuildRun, path: string): Promise<void> {
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
