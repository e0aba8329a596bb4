import { EventEmitter } from 'node:events';
import type { LogSource } from '../kubernetes';

const MAX_LINES = 5_000;
const MAX_BYTES = 2 * 1024 * 1024;

interface Line {
  number: number;
  time: Date;
  text: string;
}

interface PodLog {
  lines: Line[];
  bytes: number;
  count: number;
}

/**
 * What modules printed: the last lines of each pod, in memory.
 *
 * @internal
 */
export class ModuleLogs implements LogSource {
  readonly #logs = new Map<string, PodLog>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Begins the log of a pod. */
  open(namespace: string, pod: string): void {
    this.#logs.set(keyOf(namespace, pod), { lines: [], bytes: 0, count: 0 });
  }

  write(namespace: string, pod: string, text: string): void {
    const key = keyOf(namespace, pod);
    const log = this.#logs.get(key);
    if (!log) {
      // The pod has gone; so has its log.
      return;
    }
    log.lines.push({ number: ++log.count, time: this.#now(), text });
    log.bytes += text.length;
    while (log.lines.length > MAX_LINES || log.bytes > MAX_BYTES) {
      log.bytes -= log.lines.shift()!.text.length;
    }
    this.#changes.emit(key);
  }

  tail(namespace: string, pod: string, count: number): string[] {
    const log = this.#logs.get(keyOf(namespace, pod));
    return (log?.lines ?? []).slice(-count).map(({ text }) => text);
  }

  /** Ends the log of a pod, and whoever follows it. */
  close(namespace: string, pod: string): void {
    const key = keyOf(namespace, pod);
    this.#logs.delete(key);
    this.#changes.emit(key);
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

function keyOf(namespace: string, pod: string): string {
  return `${namespace}/${pod}`;
}
