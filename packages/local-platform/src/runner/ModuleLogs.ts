import { EventEmitter } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogSource } from '../kubernetes';
import { LogFile, type LogLine } from './LogFile';

const MAX_LINES = 5_000;
const MAX_BYTES = 2 * 1024 * 1024;

interface Line extends LogLine {
  number: number;
}

interface PodLog {
  file: LogFile;
  lines: Line[];
  bytes: number;
  count: number;
}

/**
 * What modules printed: the last lines of each pod, in memory and on disk.
 *
 * @internal
 */
export class ModuleLogs implements LogSource {
  readonly #logs = new Map<string, PodLog>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #directory: string;
  readonly #now: () => Date;

  constructor(directory: string, now: () => Date) {
    this.#directory = directory;
    this.#now = now;
  }

  /** Begins the log of a pod, or goes on with the one that it had. */
  async open(namespace: string, pod: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const { file, lines } = await LogFile.open(this.#path(namespace, pod));
    const log: PodLog = { file, lines: [], bytes: 0, count: 0 };
    lines.forEach(line => keep(log, line));
    this.#logs.set(keyOf(namespace, pod), log);
  }

  write(namespace: string, pod: string, text: string): void {
    const key = keyOf(namespace, pod);
    const log = this.#logs.get(key);
    if (!log) {
      // The pod has gone; so has its log.
      return;
    }
    const line = { time: this.#now(), text };
    keep(log, line);
    log.file.append(line);
    this.#changes.emit(key);
  }

  tail(namespace: string, pod: string, count: number): string[] {
    const log = this.#logs.get(keyOf(namespace, pod));
    return (log?.lines ?? []).slice(-count).map(({ text }) => text);
  }

  /** Ends the log of a pod and whoever follows it; on disk it stays. */
  async close(namespace: string, pod: string): Promise<void> {
    await this.#end(namespace, pod)?.file.flush();
  }

  /** Ends the log of a pod, whoever follows it, and what is on disk. */
  async remove(namespace: string, pod: string): Promise<void> {
    await this.#end(namespace, pod)?.file.remove();
  }

  /** Removes logs on disk of other pods than these, as `namespace/pod`. */
  async keepOnly(pods: ReadonlySet<string>): Promise<void> {
    const kept = new Set([...pods].map(key => `${key.replace('/', '~')}.log`));
    const files = await readdir(this.#directory).catch((): string[] => []);
    for (const file of files) {
      const name = file.replace(/\.1$/, '');
      if (!kept.has(name)) {
        await LogFile.remove(join(this.#directory, name));
      }
    }
  }

  async *read(
    namespace: string,
    pod: string,
    options: Parameters<LogSource['read']>[2],
  ): AsyncIterable<string> {
    const { tailLines, sinceTime, timestamps, follow, signal } = options;
    const key = keyOf(namespace, pod);
    const log = this.#logs.get(key);
    if (!log) {
      return;
    }
    const print = ({ time, text }: Line) =>
      timestamps ? `${time.toISOString()} ${text}` : text;
    const recent = log.lines.filter(
      ({ time }) => !sinceTime || time >= sinceTime,
    );
    const first =
      tailLines === undefined
        ? recent
        : recent.slice(Math.max(recent.length - tailLines, 0));
    const since = (seen: number) =>
      log.lines.filter(({ number }) => number > seen);
    let last = log.count;
    for (const line of first) {
      yield print(line);
    }
    while (follow && !signal?.aborted) {
      const fresh = since(last);
      last = log.count;
      for (const line of fresh) {
        yield print(line);
      }
      if (this.#logs.get(key) !== log) {
        return;
      }
      if (log.count === last) {
        await this.#change(key, signal);
      }
    }
  }

  #end(namespace: string, pod: string): PodLog | undefined {
    const key = keyOf(namespace, pod);
    const log = this.#logs.get(key);
    this.#logs.delete(key);
    this.#changes.emit(key);
    return log;
  }

  #path(namespace: string, pod: string): string {
    return join(this.#directory, `${namespace}~${pod}.log`);
  }

  #change(key: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        this.#changes.off(key, done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      this.#changes.on(key, done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}

function keep(log: PodLog, line: LogLine): void {
  log.lines.push({ ...line, number: ++log.count });
  log.bytes += line.text.length;
  while (log.lines.length > MAX_LINES || log.bytes > MAX_BYTES) {
    log.bytes -= log.lines.shift()!.text.length;
  }
}

function keyOf(namespace: string, pod: string): string {
  return `${namespace}/${pod}`;
}
