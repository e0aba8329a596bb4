import { once } from 'node:events';
import {
  isWasiError,
  WasiError,
  type LogLine,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Clusters } from '@wasi-functions/backstage-plugin-wasi-node';
import type { Response } from 'express';
import type { Caller } from './Callers';

const MAX_PER_CALLER = 5;
const MAX_IN_ALL = 100;
const LONGEST_MS = 15 * 60_000;
const MAX_LINES = 100_000;
// Proxies cut connections that are silent for half a minute.
const HEARTBEAT_MS = 10_000;

/** What a log is followed with. @internal */
export interface LogStreamRequest {
  ref: ModuleRef;
  tailLines: number;
  caller: Pick<Caller, 'name' | 'cluster'>;
  /** Aborts when the caller goes away. */
  signal: AbortSignal;
}

/**
 * Sends logs line by line while they are written, to so many callers at once.
 *
 * @internal
 */
export class LogStreams {
  readonly #clusters: Clusters;
  readonly #heartbeatMs: number;
  readonly #longestMs: number;
  readonly #stopped = new AbortController();
  readonly #perCaller = new Map<string, number>();
  #inAll = 0;

  constructor(options: {
    clusters: Clusters;
    heartbeatMs?: number;
    longestMs?: number;
  }) {
    this.#clusters = options.clusters;
    this.#heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
    this.#longestMs = options.longestMs ?? LONGEST_MS;
  }

  /** Ends all; a backend that shuts down waits for its answers to end. */
  stop(): void {
    this.#stopped.abort();
  }

  async send(res: Response, request: LogStreamRequest): Promise<void> {
    const { ref, tailLines, caller } = request;
    const leave = this.#enter(caller.name);
    const ended = new AbortController();
    const signal = AbortSignal.any([
      request.signal,
      ended.signal,
      this.#stopped.signal,
      AbortSignal.timeout(this.#longestMs),
    ]);
    try {
      const lines = await this.#clusters
        .client(ref.cluster, caller.cluster)
        .followLogs(ref, { tailLines, signal });
      await this.#write(res, { lines, signal });
    } finally {
      ended.abort();
      leave();
    }
  }

  async #write(
    res: Response,
    options: { lines: AsyncIterable<LogLine>; signal: AbortSignal },
  ): Promise<void> {
    const { lines, signal } = options;
    res.status(200).set({
      'content-type': 'application/x-ndjson',
      // Compression would hold lines back until it has enough of them.
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    res.flushHeaders();
    res.write('\n');
    const heartbeat = setInterval(() => res.write('\n'), this.#heartbeatMs);
    let left = MAX_LINES;
    try {
      for await (const line of lines) {
        left -= 1;
        if (!res.write(`${JSON.stringify(line)}\n`)) {
          await once(res, 'drain', { signal });
        }
        if (left === 0) {
          break;
        }
      }
    } catch (error) {
      // The status was sent long ago, so the reason is the last line. That it was
      // time to end, or that the reader left, is none.
      if (!signal.aborted) {
        res.write(`${JSON.stringify({ line: lastWords(error) })}\n`);
      }
    } finally {
      clearInterval(heartbeat);
      res.end();
    }
  }

  #enter(name: string): () => void {
    const own = this.#perCaller.get(name) ?? 0;
    if (own >= MAX_PER_CALLER || this.#inAll >= MAX_IN_ALL) {
      throw new WasiError('LOG_FOLLOWERS_TOO_MANY', {
        message:
          own >= MAX_PER_CALLER
            ? `You follow ${own} logs already.`
            : `${this.#inAll} logs are followed already.`,
      });
    }
    this.#perCaller.set(name, own + 1);
    this.#inAll += 1;
    return () => {
      const still = (this.#perCaller.get(name) ?? 1) - 1;
      if (still > 0) {
        this.#perCaller.set(name, still);
      } else {
        this.#perCaller.delete(name);
      }
      this.#inAll -= 1;
    };
  }
}

function lastWords(error: unknown): string {
  return isWasiError(error)
    ? `The log ends here: ${error.message} ${error.remedy}`
    : 'The log ends here: it could not be read further.';
}
