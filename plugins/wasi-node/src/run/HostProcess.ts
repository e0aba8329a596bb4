import { spawn, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { Duplex, Readable, Writable } from 'node:stream';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { collectLines } from '../process/collectLines';
import { assetPath } from './assetPath';
import { createHostFolder } from './hostFolder';
import { limitOutput } from './limitOutput';
import type { HostNetwork } from './networkRules';
import { RequestChannel, type Outcome } from './RequestChannel';
import type { GuestDirectory } from './types';
import { wasmFlags } from './wasmFlags';

const START_TIMEOUT_MS = 30_000;
const LOAD_TIMEOUT_MS = 60_000;
/** The glue and the host; a guest's own memory is not on this heap. */
const MAX_HEAP_MB = 256;
/** Below the portal and the platform: a guest that spins must not slow them. */
const NICE = 10;
/** Most answers take less; the system lets nobody go back to a higher priority. */
const NICE_AFTER_MS = 500;

const reportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started') }),
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('failed'), message: z.string() }),
  z.object({ type: z.literal('out-of-memory'), limitBytes: z.number() }),
]);
type Report = z.infer<typeof reportSchema>;

/**
 * What the host process needs to run one module.
 *
 * @internal
 */
export interface HostConfiguration {
  component: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  directories: readonly GuestDirectory[];
  network: HostNetwork;
  limitOutgoingHttp: boolean;
  memoryLimitBytes: number;
}

/**
 * How a host process ended.
 *
 * @internal
 */
export interface HostExit {
  reason: 'stopped' | 'timeout' | 'out-of-memory' | 'crashed';
  message: string;
}

/**
 * One process that runs one module, or waits to be given one.
 *
 * @internal
 */
export class HostProcess {
  /** Answered requests and failed ones. */
  served = 0;
  readonly exited: Promise<HostExit>;
  readonly #child: ChildProcess;
  readonly #channel: RequestChannel;
  #ending: HostExit | undefined;
  readonly #listeners = new Set<(report: Report) => void>();
  #onLine: (line: string) => void = () => {};

  private constructor(child: ChildProcess, directory: string) {
    this.#child = child;
    const pipes: readonly unknown[] = child.stdio;
    this.#channel = new RequestChannel({
      answers: pipes[4] as Duplex,
      bodies: pipes[5] as Writable,
      control: child.stdin!,
    });
    this.exited = new Promise(resolve => {
      const lines = collectLines(line => this.#onLine(line));
      const outputs = [child.stdout!, child.stderr!].map(stream => {
        const output = limitOutput({
          write: lines.open(),
          onDropped: count =>
            this.#onLine(
              `[WASM-RUNNER] ${count} lines dropped: printed faster than 1 MiB a second`,
            ),
        });
        stream.on('data', output.write);
        return output;
      });
      child.once('error', error => {
        this.#channel.close();
        this.#ending ??= { reason: 'crashed', message: error.message };
        resolve(this.#ending);
      });
      child.once('close', (code, signal) => {
        lines.close();
        outputs.forEach(output => output.close());
        this.#channel.close();
        resolve(
          (this.#ending ??= {
            reason: 'crashed',
            message: `the process ended with ${signal ?? `code ${code}`}`,
          }),
        );
      });
    });
    createInterface({ input: child.stdio[3] as Readable }).on('line', line =>
      this.#read(line),
    );
    void this.exited.then(() =>
      rm(directory, { recursive: true, force: true }),
    );
  }

  /** Starts a process without a module: it has the WASI host loaded and waits. */
  static async start(jco: string): Promise<HostProcess> {
    const directory = await createHostFolder();
    const child = spawn(
      process.execPath,
      [
        `--max-old-space-size=${MAX_HEAP_MB}`,
        '--no-warnings',
        ...wasmFlags,
        assetPath('serve.mjs'),
        jco,
        directory,
      ],
      {
        cwd: directory,
        env: {},
        // stdin, stdout, stderr, reports, requests and answers, bodies of requests.
        stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
        detached: process.platform !== 'win32',
        windowsHide: true,
      },
    );
    // Writing to a process that has just ended is answered by `exited`.
    child.stdin!.on('error', () => {});
    const host = new HostProcess(child, directory);
    const lines: string[] = [];
    host.#onLine = line => lines.push(line);
    try {
      await host.#wait('started', START_TIMEOUT_MS);
    } catch (error) {
      host.kill('stopped');
      throw new WasiError('TOOLCHAIN_VERSION', {
        message: `The WebAssembly host did not start: ${
          lines.find(line => line.includes('Error')) ?? (error as Error).message
        }`,
        remedy: 'Install the version of jco that the documentation names.',
        cause: error,
      });
    }
    return host;
  }

  /** Hands a module over; resolves when it can answer. */
  async load(
    configuration: HostConfiguration,
    onLine: (line: string) => void,
  ): Promise<void> {
    this.#onLine = onLine;
    const ready = this.#wait('ready', LOAD_TIMEOUT_MS);
    this.#child.stdin!.write(`${JSON.stringify(configuration)}\n`);
    await ready;
  }

  /** Resolves when the guest is done with the request. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Outcome> {
    const long = setTimeout(() => this.#giveWay(), NICE_AFTER_MS);
    const outcome = await this.#channel.exchange(request, response);
    clearTimeout(long);
    this.served++;
    return outcome;
  }

  #giveWay(): void {
    try {
      setPriority(this.#child.pid!, NICE);
    } catch {
      // It is gone already (`exited` tells), or the system has no priorities.
    }
  }

  kill(reason: 'stopped' | 'timeout', message = 'it was stopped'): void {
    this.#ending ??= { reason, message };
    const { pid } = this.#child;
    if (pid === undefined) {
      return;
    }
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch {
      // ESRCH: it has ended by itself.
    }
  }

  #read(line: string): void {
    // Ours on both sides, but a guest that broke out of its host must not break us.
    const report = reportSchema.safeParse(parseJson(line));
    if (!report.success) {
      return;
    }
    if (report.data.type === 'out-of-memory') {
      this.#ending ??= {
        reason: 'out-of-memory',
        message: `it held more than ${report.data.limitBytes} bytes`,
      };
    }
    for (const listener of [...this.#listeners]) {
      listener(report.data);
    }
  }

  async #wait(type: 'started' | 'ready', timeoutMs: number): Promise<void> {
    let stopWaiting = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`not ${type} after ${timeoutMs} ms`)),
          timeoutMs,
        );
        const listener = (report: Report) => {
          if (report.type === type) {
            resolve();
          } else if (report.type === 'failed') {
            reject(new Error(report.message));
          }
        };
        stopWaiting = () => {
          clearTimeout(timer);
          this.#listeners.delete(listener);
        };
        this.#listeners.add(listener);
        void this.exited.then(({ message }) => reject(new Error(message)));
      });
    } finally {
      stopWaiting();
    }
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Not a report: the schema refuses undefined.
    return undefined;
  }
}
