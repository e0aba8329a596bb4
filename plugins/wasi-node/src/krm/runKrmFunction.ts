import {
  isWasiError,
  WasiError,
  type ModuleInspection,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { inspectModule } from '../inspect';
import type { ModuleEngine } from '../run';
import { runGoFunction } from '../run/runGoFunction';
import {
  MAX_LIST_BYTES,
  readResourceList,
  writeResourceList,
  type KrmItem,
} from './resourceList';
import type { KrmFunction, KrmLimits, KrmResult } from './types';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MEMORY_BYTES = 512 * 1024 * 1024;
const MAX_LOG_BYTES = 256 * 1024;
const MAX_REASONS = 20;

/**
 * Runs one function over resources.
 *
 * @throws `WasiError` KRM_FUNCTION_FAILED with its results, KRM_OUTPUT_INVALID, or those of a run.
 * @internal
 */
export async function runKrmFunction(options: {
  engine: Pick<ModuleEngine, 'runCommand'>;
  function: KrmFunction;
  items: readonly KrmItem[];
  limits: KrmLimits;
}): Promise<{ items: KrmItem[]; results: KrmResult[]; log: string }> {
  const { modulePath, configMap } = options.function;
  const run = {
    modulePath,
    stdin: writeResourceList(options.items, configMap),
    timeoutMs: options.limits.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    memoryLimitBytes: options.limits.memoryLimitBytes ?? DEFAULT_MEMORY_BYTES,
    // As JSON a list may take more room than as the text that it is checked as.
    maxOutputBytes: 2 * MAX_LIST_BYTES + MAX_LOG_BYTES,
    signal: options.limits.signal,
  };
  const answer = isGoProgram(await inspectModule(modulePath))
    ? await callGoProgram(run)
    : await runCommand(options.engine, run);
  const errors = answer.results.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw refused(errors.map(formatKrmResult));
  }
  return answer;
}

/**
 * A result as a line of a task log.
 *
 * @public
 */
export function formatKrmResult(result: KrmResult): string {
  const { kind, namespace, name } = result.resourceRef ?? {};
  const resource =
    name && [kind, [namespace, name].filter(Boolean).join('/')].join(' ');
  const place = [resource, result.field?.path, result.file?.path]
    .filter(Boolean)
    .join(', ');
  return `${result.severity}: ${result.message}${place && ` (${place})`}`;
}

type Run = Parameters<typeof runGoFunction>[0];
type Answer = Awaited<ReturnType<typeof readResourceList>> & { log: string };

/** `go` is what Go named the module that it imports before 1.21. */
function isGoProgram({ kind, imports }: ModuleInspection): boolean {
  return kind === 'module' && imports.some(name => /^(gojs|go)\./.test(name));
}

async function callGoProgram(run: Run): Promise<Answer> {
  const { output = '', errors, log } = await runGoFunction(run);
  try {
    return { ...(await readResourceList(output, run.signal)), log };
  } catch (error) {
    if (!isWasiError(error) || error.code !== 'KRM_OUTPUT_INVALID') {
      throw error;
    }
    // As kpt does it: what is no resource list is the program's own word on why.
    throw refused([output.slice(0, 1000), errors.slice(0, 4000)]);
  }
}

async function runCommand(
  engine: Pick<ModuleEngine, 'runCommand'>,
  run: Run,
): Promise<Answer> {
  const { exitCode, stdout, stderr } = await engine.runCommand({
    ...run,
    args: ['function'],
    env: {},
    directories: [],
    limitOutgoingHttp: true,
  });
  if (exitCode === 0) {
    return { ...(await readResourceList(stdout, run.signal)), log: stderr };
  }
  throw refused([
    ...(await resultsOf(stdout, run.signal)),
    ...stderr.trim().split('\n').slice(-5),
    `It ended with exit code ${exitCode}.`,
  ]);
}

/** A function that fails may have said why in the list, and may have written none. */
async function resultsOf(
  stdout: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  try {
    const { results } = await readResourceList(stdout, signal);
    return results.map(formatKrmResult);
  } catch {
    // Its exit code says that it failed already.
    return [];
  }
}

function refused(reasons: string[]): WasiError {
  const said = reasons.filter(reason => reason.trim() !== '');
  const shown = said.slice(0, MAX_REASONS).map(reason => reason.slice(0, 1000));
  return new WasiError('KRM_FUNCTION_FAILED', {
    message: [
      ...shown,
      ...(said.length > shown.length
        ? [`and ${said.length - shown.length} more`]
        : []),
    ].join('\n'),
  });
}
