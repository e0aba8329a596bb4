import { tmpdir } from 'node:os';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Tool } from '../toolchains';
import { dropForeignEntries } from './runners/dropForeignEntries';
import type { BuildRun } from './types';

/** As shells tell it: 128 and the number of SIGKILL. */
const KILLED = 137;

/**
 * Runs one tool of a build to success, its output going to the log.
 *
 * @throws `WasiError` BUILD_FAILED with what the tool said last, BUILD_KILLED where it was ended from outside.
 * @internal
 */
export async function runTool(
  run: BuildRun,
  options: {
    tool: Tool;
    args: string[];
    /** What it is for, in the words of the log. */
    label: string;
    env?: Record<string, string>;
  },
): Promise<void> {
  const { tool, label } = options;
  const place = await run.place();
  const { exitCode, tail } = await place.run({
    tool,
    args: options.args,
    cwd: run.directory,
    env: {
      ...run.toolchains.environment({ home: run.scratch, tools: [tool] }),
      ...options.env,
    },
    timeoutMs: run.timeLeft(),
    maxOutputBytes: run.config.build.maxOutputBytes,
    signal: run.signal,
    onLine: line => run.log(withoutPaths(run, line)),
  });
  await dropForeignEntries(run.scratch);
  if (exitCode === KILLED) {
    throw new WasiError('BUILD_KILLED', {
      message: `${label} was killed (SIGKILL), by no limit of this build.`,
    });
  }
  if (exitCode !== 0) {
    throw new WasiError('BUILD_FAILED', {
      message: `${label} failed: ${withoutPaths(
        run,
        reasonOf(tail, exitCode),
      )}`,
    });
  }
}

/** The folders of this machine tell a reader nothing. */
function withoutPaths(run: BuildRun, line: string): string {
  return [
    run.directory,
    run.scratch,
    run.config.toolchains.directory,
    tmpdir(),
  ].reduce((text, folder) => text.replaceAll(`${folder}/`, ''), line);
}

/** The first line that speaks of an error, without the stack below it. */
function reasonOf(tail: string[], exitCode: number): string {
  const lines = tail.filter(line => line.trim() && !/^\s+at /.test(line));
  const start = lines.findIndex(line => /error|exception|panicked/i.test(line));
  const reason = lines
    .slice(start === -1 ? -3 : start)
    .slice(0, 5)
    .join(' ');
  return reason ? reason.slice(0, 600) : `exit code ${exitCode}, no output.`;
}
