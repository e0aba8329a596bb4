import http from 'node:http';
import https from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { toUnreachableError } from './toUnreachableError';

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
}

/** What a streamed answer tells, in this order. @internal */
export type KubernetesStreamEvent =
  | { type: 'refused'; answer: KubernetesAnswer }
  | { type: 'opened' }
  | { type: 'line'; line: string };

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/**
 * Speaks HTTP to one API server with the credentials and trust of a KubeConfig.
 *
 * The calls of client-node take no timeout and its watch drops lines that do
 * not parse, so only its reading of kubeconfigs, tokens, exec plugins and
 * certificates is used.
 *
 * @internal
 */
export class KubernetesConnection {
  readonly cluster: string;
  readonly #kubeConfig: KubeConfig;
  readonly #timeoutMs: number;

  constructor(options: {
    cluster: string;
    kubeConfig: KubeConfig;
    timeoutMs: number;
  }) {
    this.cluster = options.cluster;
    this.#kubeConfig = options.kubeConfig;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Sends a request and reads the whole answer. */
  async send(request: KubernetesRequest): Promise<KubernetesAnswer> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const signal = AbortSignal.any(
      request.signal ? [timeout, request.signal] : [timeout],
    );
    try {
      return await this.#read(await this.#open(request, signal));
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
    let timer = setTimeout(() => timeout.abort(), this.#timeoutMs);
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
      for await (const line of splitLines(response)) {
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

  async #open(
    request: KubernetesRequest,
    signal: AbortSignal,
  ): Promise<http.IncomingMessage> {
    signal.throwIfAborted();
    const url = this.#url(request);
    const options: https.RequestOptions = { headers: {} };
    // An exec credential plugin may hang; the signal bounds it too.
    await untilAborted(this.#kubeConfig.applyToHTTPSOptions(options), signal);
    const body =
      request.body === undefined ? undefined : JSON.stringify(request.body);
    const headers: http.OutgoingHttpHeaders = {
      ...(options.headers as http.OutgoingHttpHeaders),
      accept: 'application/json',
      'user-agent': 'backstage-wasi',
    };
    if (body !== undefined) {
      headers['content-type'] = request.contentType ?? 'application/json';
      headers['content-length'] = Buffer.byteLength(body);
    }
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'http:' ? http.request : https.request;
      const outgoing = send(url, {
        method: request.method,
        headers,
        agent: options.agent,
        auth: options.auth ?? undefined,
        signal,
      });
      outgoing.on('response', resolve);
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  #url(request: KubernetesRequest): URL {
    const server = this.#kubeConfig.getCurrentCluster()?.server;
    if (!server) {
      throw new WasiError('CLUSTER_NOT_CONFIGURED', {
        message: `Cluster "${this.cluster}" has no server address.`,
      });
    }
    const url = new URL(server.replace(/\/+$/, '') + request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) {
        url.searchParams.set(name, String(value));
      }
    }
    return url;
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
    return {
      status: response.statusCode ?? 0,
      text: Buffer.concat(chunks).toString('utf8'),
    };
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

async function* splitLines(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<string, void, void> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    let start = 0;
    for (
      let end = chunk.indexOf(0x0a);
      end !== -1;
      end = chunk.indexOf(0x0a, start)
    ) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString('utf8').trim();
      parts = [];
      size = 0;
      start = end + 1;
      if (line) {
        yield line;
      }
    }
    const rest = chunk.subarray(start);
    size += rest.length;
    if (size > MAX_LINE_BYTES) {
      throw new Error(`a line longer than ${MAX_LINE_BYTES} bytes`);
    }
    parts.push(rest);
  }
}
