import http from 'node:http';
import https from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { ClusterAccess, ClusterEndpoint } from './ClusterAccess';
import { ClusterClock } from './ClusterClock';
import type { Impersonation } from './impersonation';
import { splitLines } from './splitLines';
import { isDistrusted, toUnreachableError } from './toUnreachableError';

/** One request to a Kubernetes API server. @internal */
export interface KubernetesRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal;
}

/** What an API server answered, whatever the status. @internal */
export interface KubernetesAnswer {
  status: number;
  text: string;
  /** Of a server that has too much to do. */
  retryAfterSeconds?: number;
  /** Whom the request was sent as, where that is a user. */
  as?: Omit<Impersonation, 'headers'>;
}

/** What a streamed answer tells, in this order. @internal */
export type KubernetesStreamEvent =
  | { type: 'refused'; answer: KubernetesAnswer }
  | { type: 'opened' }
  | { type: 'line'; line: string };

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_ATTEMPTS = 10;

/**
 * Speaks HTTP to one API server.
 *
 * The calls of client-node take no timeout and its watch drops lines that do
 * not parse, so only its reading of kubeconfigs, tokens, exec plugins and
 * certificates is used.
 *
 * @internal
 */
export class KubernetesConnection {
  readonly cluster: string;
  readonly #access: ClusterAccess;
  readonly #timeoutMs: number;
  readonly #as: Impersonation | undefined;
  readonly #clock: ClusterClock;

  constructor(options: {
    cluster: string;
    access: ClusterAccess;
    timeoutMs: number;
    as?: Impersonation;
    clock?: ClusterClock;
  }) {
    this.cluster = options.cluster;
    this.#access = options.access;
    this.#timeoutMs = options.timeoutMs;
    this.#as = options.as;
    this.#clock = options.clock ?? new ClusterClock();
  }

  /** By how much the cluster's clock is ahead of ours; undefined where they agree. */
  get clockAheadMs(): number | undefined {
    return this.#clock.aheadMs;
  }

  /** The same cluster by the same credentials and connections, as somebody else. */
  actAs(user: Impersonation): KubernetesConnection {
    return new KubernetesConnection({
      cluster: this.cluster,
      access: this.#access,
      timeoutMs: this.#timeoutMs,
      as: user,
      clock: this.#clock,
    });
  }

  /** Sends a request and reads the whole answer; a server that asks for patience gets it. */
  async send(request: KubernetesRequest): Promise<KubernetesAnswer> {
    const deadline = performance.now() + this.#timeoutMs;
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const signal = AbortSignal.any(
      request.signal ? [timeout, request.signal] : [timeout],
    );
    try {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await this.#read(await this.#open(request, signal));
        const waitMs = (answer.retryAfterSeconds ?? NaN) * 1000;
        // What is answered with 429 was not begun, so a write is safe to repeat too.
        const repeat =
          answer.status === 429 &&
          attempt < MAX_ATTEMPTS &&
          performance.now() + waitMs < deadline;
        if (!repeat) {
          return answer;
        }
        await delay(waitMs, undefined, { signal });
      }
    } catch (error) {
      throw this.#explain(error, { timeout, caller: request.signal });
    }
  }

  /**
   * Sends a GET and tells the answer line by line for as long as it lasts.
   *
   * The server may stay silent for `idleMs` before the connection counts as dead.
   */
  async *stream(
    request: KubernetesRequest & { idleMs: number },
  ): AsyncGenerator<KubernetesStreamEvent, void, void> {
    const timeout = new AbortController();
    const stop = new AbortController();
    const signals = [timeout.signal, stop.signal];
    // An answer whose head is held back until something happens may be silent so long.
    let timer = setTimeout(
      () => timeout.abort(),
      this.#access.holdsHead ? request.idleMs : this.#timeoutMs,
    );
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => timeout.abort(), request.idleMs);
    };
    try {
      const response = await this.#open(
        request,
        AbortSignal.any(
          request.signal ? [...signals, request.signal] : signals,
        ),
      );
      if (response.statusCode !== 200) {
        yield { type: 'refused', answer: await this.#read(response) };
        return;
      }
      heard();
      response.socket.setKeepAlive(true, 30_000);
      yield { type: 'opened' };
      for await (const line of splitLines(response, this.cluster)) {
        heard();
        yield { type: 'line', line };
      }
    } catch (error) {
      throw this.#explain(error, {
        timeout: timeout.signal,
        caller: request.signal,
      });
    } finally {
      clearTimeout(timer);
      // Closes the connection, also where the reader stops early.
      stop.abort();
    }
  }

  /** Once more with renewed credentials where the present ones are not taken. */
  async #open(
    request: KubernetesRequest,
    signal: AbortSignal,
  ): Promise<http.IncomingMessage> {
    const used = await this.#endpoint(signal);
    try {
      const response = await this.#request(used, request, signal);
      if (response.statusCode !== 401 || !this.#access.renew(used)) {
        return response;
      }
      response.destroy();
    } catch (error) {
      if (!isDistrusted(error) || !this.#access.renew(used)) {
        throw error;
      }
    }
    return this.#request(await this.#endpoint(signal), request, signal);
  }

  // An exec credential plugin may hang; the signal bounds it too.
  async #endpoint(signal: AbortSignal): Promise<ClusterEndpoint> {
    signal.throwIfAborted();
    return untilAborted(this.#access.endpoint(), signal);
  }

  async #request(
    endpoint: ClusterEndpoint,
    request: KubernetesRequest,
    signal: AbortSignal,
  ): Promise<http.IncomingMessage> {
    const url = urlOf(endpoint, request);
    const body =
      request.body === undefined ? undefined : JSON.stringify(request.body);
    const headers: http.OutgoingHttpHeaders = {
      ...endpoint.headers,
      ...this.#as?.headers,
      accept: 'application/json',
      'user-agent': 'backstage-wasi',
    };
    if (body !== undefined) {
      headers['content-type'] = request.contentType ?? 'application/json';
      headers['content-length'] = Buffer.byteLength(body);
    }
    const send = url.protocol === 'http:' ? http.request : https.request;
    const exchange = (reuse?: http.Agent) =>
      new Promise<http.IncomingMessage>((resolve, reject) => {
        const outgoing = send(url, {
          ...endpoint.options,
          ...(reuse && { agent: reuse }),
          method: request.method,
          headers,
          signal,
        });
        let answered = false;
        const hearDate = this.#clock.start();
        outgoing.on('response', response => {
          answered = true;
          hearDate(response.headers.date);
          resolve(response);
        });
        outgoing.on('error', error =>
          // Mostly the server had closed it by then; a read does no harm twice.
          outgoing.reusedSocket && !answered && !signal.aborted
            ? resolve(exchange())
            : reject(error),
        );
        outgoing.end(body);
      });
    // A write takes a connection of its own: when one that was used before
    // breaks, nobody can tell whether the write was done.
    return exchange(request.method === 'GET' ? endpoint.reuse : undefined);
  }

  async #read(response: http.IncomingMessage): Promise<KubernetesAnswer> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) {
        throw new WasiError('CLUSTER_UNEXPECTED', {
          message: `Cluster "${this.cluster}" answered with more than ${MAX_ANSWER_BYTES} bytes.`,
        });
      }
      chunks.push(chunk);
    }
    const answer: KubernetesAnswer = {
      status: response.statusCode ?? 0,
      text: Buffer.concat(chunks).toString('utf8'),
      retryAfterSeconds: readRetryAfter(response.headers['retry-after']),
      as: this.#as && withoutHeaders(this.#as),
    };
    const refusal = this.#access.refusal?.(answer);
    if (refusal) {
      throw refusal;
    }
    return answer;
  }

  #explain(
    error: unknown,
    signals: { timeout: AbortSignal; caller?: AbortSignal },
  ): unknown {
    if (signals.caller?.aborted) {
      return signals.caller.reason;
    }
    return toUnreachableError(error, {
      cluster: this.cluster,
      timedOut: signals.timeout.aborted,
    });
  }
}

async function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

// They hold tokens, which must not travel with an answer.
function withoutHeaders({ headers, ...user }: Impersonation) {
  return user;
}

function urlOf(endpoint: ClusterEndpoint, request: KubernetesRequest): URL {
  const url = new URL(endpoint.server.replace(/\/+$/, '') + request.path);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) {
      url.searchParams.set(name, String(value));
    }
  }
  return url;
}

// API servers write seconds, never a date:
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
function readRetryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header)
    ? Number(header)
    : undefined;
}
