import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { GuestLimits, ModuleCommandResult } from './types';
import { wasmFlags } from './wasmFlags';

const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;
const WASM_PAGE_BYTES = 64 * 1024;

type Stop = 'timeout' | 'output' | 'aborted';

/**
 * Runs a program of ours that runs a guest, in a process of its own without
 * environment, and returns what it printed.
 *
 * @param options - `granted`: its argument, as JSON. `flags`: of Node.
 * @throws `WasiError` MODULE_RUN_TIMEOUT, MODULE_RUN_FAILED or MODULE_RUN_ABORTED where it was stopped.
 * @internal
 */
export async function runGuestProcess(options: {
  program: string;
  granted: unknown;
  flags?: readonly string[];
  limits: GuestLimits;
}): Promise<ModuleCommandResult> {
  const { limits } = options;
  if (limits.signal?.aborted) {
    throw stopped('aborted', limits);
  }
  const child = spawn(
    process.execPath,
    [
      '--no-warnings',
      ...wasmFlags,
      ...memoryFlags(limits.memoryLimitBytes),
      ...(options.flags ?? []),
      options.program,
      JSON.stringify(options.granted),
    ],
    {
      cwd: tmpdir(),
      env: {},
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    },
  );
  let stop: Stop | undefined;
  const end = (reason: Stop) => {
    stop ??= reason;
    if (child.pid !== undefined) {
      try {
        process.kill(
          process.platform === 'win32' ? child.pid : -child.pid,
          'SIGKILL',
        );
      } catch {
        // ESRCH: it has ended by itself.
      }
    }
  };
  let left = limits.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES;
  const collect = (stream: NodeJS.ReadableStream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) {
        end('output');
      } else {
        chunks.push(chunk);
      }
    });
    return chunks;
  };
  const stdout = collect(child.stdout!);
  const stderr = collect(child.stderr!);
  // A guest need not read its input.
  child.stdin!.on('error', () => {});
  child.stdin!.end(limits.stdin ?? '');

  const timer = setTimeout(() => end('timeout'), limits.timeoutMs);
  const abort = () => end('aborted');
  limits.signal?.addEventListener('abort', abort, { once: true });
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', code => resolve(code ?? 137));
    });
    if (stop) {
      throw stopped(stop, limits);
    }
    return {
      exitCode,
      stdout: Buffer.concat(stdout).toString('utf8'),
      stderr: Buffer.concat(stderr).toString('utf8'),
    };
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener('abort', abort);
  }
}

/** Each memory of the guest may grow so far, and no further. */
function memoryFlags(limitBytes: number | undefined): string[] {
  return limitBytes === undefined
    ? []
    : [
        `--wasm-max-mem-pages=${Math.max(
          1,
          Math.floor(limitBytes / WASM_PAGE_BYTES),
        )}`,
      ];
}

function stopped(stop: Stop, limits: GuestLimits): WasiError {
  switch (stop) {
    case 'timeout':
      return new WasiError('MODULE_RUN_TIMEOUT', {
        message: `The module had not ended after ${
          limits.timeoutMs / 1000
        } seconds.`,
      });
    case 'output':
      return new WasiError('MODULE_RUN_FAILED', {
        message: `The module printed more than ${
          limits.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES
        } bytes.`,
        remedy: 'Make the module print less.',
      });
    case 'aborted':
      return new WasiError('MODULE_RUN_ABORTED', {
        message: 'The run was cancelled.',
      });
    default:
      throw new Error(`Unknown reason ${stop satisfies never}`);
  }
}
