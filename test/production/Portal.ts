import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { descendants } from '../kill/processes.mjs';

const READY_MS = 120_000;
const NOBODY = 65_534;

/** The portal as it is deployed: one process, not as root, with nothing but its environment. */
export class Portal {
  #process?: ChildProcess;
  readonly #log: string;

  constructor(
    private readonly options: {
      app: string;
      directory: string;
      url: string;
      port: number;
      configs: string[];
      env: Record<string, string>;
    },
  ) {
    this.#log = join(options.directory, 'portal.log');
  }

  get url(): string {
    return this.options.url;
  }

  /** Past the ingress. */
  get localUrl(): string {
    return `http://127.0.0.1:${this.options.port}`;
  }

  /** All that it wrote, over all its starts. */
  get log(): string {
    return readFileSync(this.#log, 'utf8');
  }

  /** Starts it, and waits until its own probe says that it is ready. */
  async start(): Promise<void> {
    const { app, configs, directory, env, port } = this.options;
    const log = openSync(this.#log, 'a');
    const root = process.getuid?.() === 0;
    const started = spawn(
      process.execPath,
      ['packages/backend', ...configs.flatMap(path => ['--config', path])],
      {
        cwd: app,
        env: { PATH: process.env.PATH, TMPDIR: directory, ...env },
        stdio: ['ignore', log, log],
        ...(root && { uid: NOBODY, gid: NOBODY }),
      },
    );
    closeSync(log);
    this.#process = started;
    const deadline = Date.now() + READY_MS;
    while (!(await isReady(port))) {
      if (started.exitCode !== null || Date.now() > deadline) {
        throw new Error(
          `The portal did not become ready:\n${this.log.slice(-4_000)}`,
        );
      }
      await new Promise(done => setTimeout(done, 100));
    }
  }

  /**
   * Ends it as an orchestrator does.
   *
   * @returns How it ended, and what it had started and is still there soon afterwards.
   */
  async terminate(): Promise<{
    exitCode: number | null;
    ms: number;
    left: string[];
  }> {
    const ending = this.#process!;
    const children = descendants(ending.pid!);
    const begun = Date.now();
    const exited = once(ending, 'exit');
    ending.kill('SIGTERM');
    await exited;
    const ms = Date.now() - begun;
    let left = [...children.keys()];
    for (let tries = 0; tries < 20 && left.length > 0; tries += 1) {
      await new Promise(done => setTimeout(done, 100));
      left = left.filter(pid => commandOf(pid));
    }
    return { exitCode: ending.exitCode, ms, left: left.map(commandOf) };
  }

  /** Ends it at once, whatever it does. */
  async kill(): Promise<void> {
    const ending = this.#process;
    if (ending && ending.exitCode === null && ending.signalCode === null) {
      const exited = once(ending, 'exit');
      ending.kill('SIGKILL');
      await exited;
    }
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(
      `http://127.0.0.1:${port}/.backstage/health/v1/readiness`,
    );
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

/** Empty where there is no such process. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0/g, ' ');
  } catch {
    // It has ended.
    return '';
  }
}
