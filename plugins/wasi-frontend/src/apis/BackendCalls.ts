import type { FetchApi } from '@backstage/frontend-plugin-api';
import {
  CLUSTER_TOKENS_HEADER,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { z } from 'zod';
import { readErrorAnswer } from './readErrorAnswer';
import { TokenHeaders } from './TokenHeaders';
import type { WasiRequestOptions } from './WasiApi';

const BASE_URL = 'plugin://wasi/v1';
const TIMEOUT_MS = 30_000;

/** One request to the backend. */
export interface BackendCall extends WasiRequestOptions {
  /** What is asked for, in words that fit after "could not". */
  what: string;
  path: string;
  method?: string;
  body?: unknown;
  timeoutMs?: number;
}

/** Requests to the backend, whose failures are `WasiError`s all. */
export class BackendCalls {
  /** What brings users' own tokens to clusters that take no others. */
  readonly tokens = new TokenHeaders();
  readonly #fetchApi: FetchApi;

  constructor(fetchApi: FetchApi) {
    this.#fetchApi = fetchApi;
  }

  /** The answer, as its schema says. */
  async read<T>(schema: z.ZodType<T>, call: BackendCall): Promise<T> {
    const response = await this.send(call);
    const text = await response.text().catch(cause => {
      throw unreachable(call.what, cause);
    });
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new WasiError('BACKEND_UNEXPECTED', {
        message: `Could not ${call.what}: the answer is not JSON.`,
      });
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      throw unexpectedAnswer(call.what, parsed.error);
    }
    return parsed.data;
  }

  /** An answer with a status of 2xx. */
  async send(call: BackendCall): Promise<Response> {
    const timeout = AbortSignal.timeout(call.timeoutMs ?? TIMEOUT_MS);
    const signal = call.signal
      ? AbortSignal.any([call.signal, timeout])
      : timeout;
    return this.open({ ...call, signal });
  }

  /** As `send`, for an answer that goes on for as long as the caller wants. */
  async open(call: Omit<BackendCall, 'timeoutMs'>): Promise<Response> {
    let response: Response;
    try {
      const tokens = await this.tokens.of(call.path);
      call.signal?.throwIfAborted();
      response = await this.#fetchApi.fetch(`${BASE_URL}${call.path}`, {
        method: call.method ?? 'GET',
        headers: {
          Accept: 'application/json',
          // So that the history tells a click on the page from a script.
          'Wasi-Client': 'portal',
          ...tokens,
          ...(call.body !== undefined && {
            'Content-Type': 'application/json',
          }),
        },
        body: call.body === undefined ? undefined : JSON.stringify(call.body),
        signal: call.signal,
        // Wherever else a proxy would send it, no token goes along.
        ...(CLUSTER_TOKENS_HEADER in tokens && { redirect: 'error' }),
      });
    } catch (cause) {
      throw unreachable(call.what, cause);
    }
    if (!response.ok) {
      throw await readErrorAnswer(response, call.what);
    }
    return response;
  }
}

/** No answer, or none to its end. */
export function unreachable(what: string, cause: unknown): WasiError {
  const why =
    cause instanceof Error && cause.name === 'TimeoutError'
      ? 'there was no answer in time'
      : 'the connection failed';
  return new WasiError('BACKEND_UNREACHABLE', {
    message: `Could not ${what}: ${why}.`,
    cause,
  });
}

/** An answer of another shape than this page knows. */
export function unexpectedAnswer(what: string, error: z.ZodError): WasiError {
  const [issue] = error.issues;
  const where = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  return new WasiError('BACKEND_UNEXPECTED', {
    message: `Could not ${what}: the answer is not understood${where}.`,
  });
}
