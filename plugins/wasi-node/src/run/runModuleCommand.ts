import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { assetPath } from './assetPath';
import { networkRules } from './networkRules';
import type { ModuleCommand, ModuleCommandResult } from './types';

const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;

type Stop = 'timeout' | 'output' | 'aborted';

/**
 * Runs a command in a process of its own and returns what it printed.
 *
 * @param target - The transpiled component with jco's folder, or the core module's path.
 * @throws `WasiError` MODULE_RUN_TIMEOUT, MODULE_RUN_FAILED or MODULE_RUN_ABORTED where it was stopped.
 * @internal
 */
export async function runModuleCommand(
  command: ModuleCommand,
  target: { component: string; jco: string } | { module: string },
): Promise<ModuleCommandResult> {
  if (command.signal?.aborted) {
    throw stopped('aborted', command);
  }
  const granted = {
    ...target,
    args: command.args,
    env: command.env,
    directories: command.directories,
    network: networkRules(command.network),
    limitOutgoingHttp: command.limitOutgoingHttp ?? false,
  };
  const child = spawn(
    process.execPath,
    ['--no-warnings', assetPath('command.mjs'), JSON.stringify(granted)],
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
  let left = command.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES;
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
  child.stdin!.end(command.stdin ?? '');

  const timer = setTimeout(() => end('timeout'), command.timeoutMs);
  const abort = () => end('aborted');
  command.signal?.addEventListener('abort', abort, { once: true });
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', code => resolve(code ?? 137));
    });
    if (stop) {
      throw stopped(stop, command);
    }
    return {
      exitCode,
      stdout: Buffer.concat(stdout).toString('utf8'),
      stderr: Buffer.concat(stderr).toString('utf8'),
    };
  } finally {
    clearTimeout(timer);
    command.signal?.removeEventListener('abort', abort);
  }
}

function stopped(stop: Stop, command: ModuleCommand): WasiError {
  switch (stop) {
    case 'timeout':
      return new WasiError('MODULE_RUN_TIMEOUT', {
        message: `The module had not ended after ${
          command.timeoutMs / 1000
        } seconds.`,
      });
    case 'output':
      return new WasiError('MODULE_RUN_FAILED', {
        message: `The module printed more than ${
          command.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES
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
