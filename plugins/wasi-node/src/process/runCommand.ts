import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Readable, Writable } from 'node:stream';
import {
  WasiError,
  type WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { execa } from 'execa';
import { collectLines } from './collectLines';
import { endTree, trackTree } from './processTree';
import type { CommandOptions, CommandResult } from './types';
import { watchUse } from './watchUse';

const DEFAULT_KILL_GRACE_MS = 2_000;
/** What a program printed last may be in its pipes still when we hear that it ended. */
const DRAIN_MS = 2_000;
const PIPES = ['pipe', 'pipe'] as const;

type Stop = 'timeout' | 'output' | 'processes' | 'memory' | 'disk' | 'aborted';

/**
 * Runs one command to its end: no shell, no environment but the given one,
 * with limits on time and output, and with its whole process tree gone afterwards.
 *
 * A non-zero exit code is an answer, not an error.
 *
 * @throws `WasiError` TOOLCHAIN_MISSING where the program cannot be started,
 * BUILD_TIMEOUT, BUILD_OUTPUT_LIMIT, BUILD_PROCESS_LIMIT,
 * BUILD_MEMORY_LIMIT, BUILD_DISK_LIMIT or BUILD_ABORTED where it was stopped.
 * @public
 */
export function runCommand(options: CommandOptions): Promise<CommandResult> {
  return superviseCommand(options);
}

/**
 * {@link runCommand} for a program that is held back until all is ready for it.
 *
 * @param hold - Takes a program that waits for a byte on its descriptor 3, and
 * says on 4 who it is.
 * @internal
 */
export async function superviseCommand(
  options: CommandOptions & {
    /** What the program is called in errors. Default: its file's name. */
    name?: string;
  },
  hold?: (program: { tells: Readable; waits: Writable }) => Promise<void>,
): Promise<CommandResult> {
  const { command, args, cwd, env, signal } = options;
  const started = performance.now();
  const name = options.name ?? basename(command);
  if (signal?.aborted) {
    throw stopped('aborted', name, options, []);
  }

  const mark = randomUUID();
  const child = execa(command, args, {
    cwd,
    env: { ...env, WASI_COMMAND_MARK: mark },
    extendEnv: false,
    preferLocal: false,
    shell: false,
    stdio: ['ignore', 'pipe', 'pipe', ...(hold ? PIPES : [])],
    buffer: false,
    reject: false,
    cleanup: false,
    // A group of its own, so that one kill reaches all that stayed in it.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const tree = trackTree(child, mark);
  const lines = collectLines(options.onLine);

  let stop: Stop | undefined;
  let ending: Promise<number> | undefined;
  let draining: NodeJS.Timeout | undefined;
  // Where a child that we cannot see keeps the pipes open, we leave without it.
  const leave = () => {
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const end = (reason?: Stop) => {
    stop ??= reason;
    ending ??= endTree(
      tree,
      options.killGraceMs ?? DEFAULT_KILL_GRACE_MS,
    ).finally(() => {
      if (stop) {
        leave();
      } else {
        draining = setTimeout(leave, DRAIN_MS);
      }
    });
  };

  let bytes = 0;
  const read = (stream: Readable) => {
    const write = lines.open();
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > options.maxOutputBytes) {
        end('output');
      } else if (!stop) {
        write(chunk);
      }
    });
  };
  read(child.stdout);
  read(child.stderr);
  const deadline = setTimeout(() => end('timeout'), options.timeoutMs);
  const endWatch = watchUse(tree, { ...options, onExceeded: end });
  const abort = () => end('aborted');
  signal?.addEventListener('abort', abort, { once: true });
  // What a program leaves running when it ends would hold the pipes open.
  child.once('exit', () => end());
  let notHeld: unknown;
  const [, , , waits, tells] = child.stdio;
  hold?.({ tells: tells as Readable, waits: waits as Writable }).catch(
    error => {
      notHeld = error;
      end();
    },
  );

  try {
    const result = await child;
    const left = await ending;
    lines.close();
    if (notHeld && !stop && result.code === undefined) {
      throw notHeld;
    }
    if (stop) {
      throw stopped(stop, name, options, lines.tail(), left);
    }
    if (left) {
      throw new WasiError('BUILD_FAILED', {
        message: `${name} ended, and left processes that cannot be ended: ${left}.`,
        remedy: 'Have an operator of the portal end them.',
      });
    }
    if (result.exitCode === undefined && result.signal === undefined) {
      throw notStarted(name, cwd, result.code, result.cause);
    }
    return {
      exitCode:
        result.exitCode ??
        128 + (result.signal ? constants.signals[result.signal] : 0),
      tail: lines.tail(),
      durationMs: Math.round(performance.now() - started),
    };
  } finally {
    clearTimeout(deadline);
    clearTimeout(draining);
    endWatch();
    signal?.removeEventListener('abort', abort);
    tree.release();
  }
}

function stopped(
  stop: Stop,
  name: string,
  options: CommandOptions,
  tail: string[],
  left = 0,
): WasiError {
  const { code, why } = explainStop(stop, options);
  const last =
    tail.length > 0 && stop !== 'aborted'
      ? ` Its last line: ${tail[tail.length - 1]}`
      : '';
  const alive =
    left > 0
      ? ` Processes that it left and that cannot be ended: ${left}.`
      : '';
  return new WasiError(code, { message: `${name} ${why}.${alive}${last}` });
}

function explainStop(
  stop: Stop,
  {
    timeoutMs,
    maxOutputBytes,
    maxProcesses,
    maxMemoryBytes,
    disk,
  }: CommandOptions,
): { code: WasiErrorCode; why: string } {
  switch (stop) {
    case 'timeout':
      return {
        code: 'BUILD_TIMEOUT',
        why: `was stopped after ${timeoutMs / 1000} seconds`,
      };
    case 'output':
      return {
        code: 'BUILD_OUTPUT_LIMIT',
        why: `was stopped after ${maxOutputBytes} bytes of output`,
      };
    case 'processes':
      return {
        code: 'BUILD_PROCESS_LIMIT',
        why: `was stopped with more than ${maxProcesses} processes`,
      };
    case 'memory':
      return {
        code: 'BUILD_MEMORY_LIMIT',
        why: `was stopped with more than ${maxMemoryBytes} bytes of memory`,
      };
    case 'disk':
      return {
        code: 'BUILD_DISK_LIMIT',
        why: `was stopped with more than ${disk?.maxBytes} bytes on disk`,
      };
    case 'aborted':
      return { code: 'BUILD_ABORTED', why: 'was cancelled' };
    default:
      throw new Error(`Unknown reason ${stop satisfies never}`);
  }
}

function notStarted(
  name: string,
  cwd: string,
  code: string | undefined,
  cause: unknown,
): WasiError {
  if (!existsSync(cwd)) {
    return new WasiError('SOURCE_MISSING', {
      message: `${name} could not be started: its folder does not exist.`,
      cause,
    });
  }
  const why = new Map([
    ['ENOENT', 'it was not found'],
    ['EACCES', 'it may not be executed'],
    ['E2BIG', 'its arguments are too long'],
  ]).get(code ?? '');
  return new WasiError('TOOLCHAIN_MISSING', {
    message: `${name} could not be started: ${
      why ?? `the system answered ${code ?? 'nothing'}`
    }.`,
    cause,
  });
}
