import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { z } from 'zod';

const TIMEOUT_MS = 20_000;
const MAX_BYTES = 5 * 1024 * 1024;

/** An answer of a git host that is no failure. @internal */
export interface HostAnswer {
  status: number;
  read<T>(schema: z.ZodType<T>): T;
}

/**
 * Sends requests to the API of one repository.
 *
 * @internal
 */
export class HostApi {
  readonly #baseUrl: string;
  readonly #repository: string;
  readonly #headers: () => Promise<Record<string, string>>;

  constructor(options: {
    /** Of the repository in the API. */
    baseUrl: string;
    /** What users call it; for messages. */
    repository: string;
    headers: () => Promise<Record<string, string>>;
  }) {
    this.#baseUrl = options.baseUrl;
    this.#repository = options.repository;
    this.#headers = options.headers;
  }

  /** Answers what is expected; @throws WasiError PULL_REQUEST_FAILED for the rest. */
  async send(request: {
    method: string;
    path: string;
    body?: object;
    expect: number[];
    signal: AbortSignal;
  }): Promise<HostAnswer> {
    const { method, path, body, expect, signal } = request;
    const what = `${method} ${path.split('?')[0]}`;
    let answer: { status: number; text: string };
    try {
      const response = await fetch(`${this.#baseUrl}${path}`, {
        method,
        headers: {
          Accept: 'application/json',
          ...(body && { 'Content-Type': 'application/json' }),
          ...(await this.#headers()),
        },
        body: body && JSON.stringify(body),
        // The account is for this host alone.
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      answer = { status: response.status, text: await readText(response) };
    } catch (error) {
      signal.throwIfAborted();
      throw this.#failure(what, reasonOf(error));
    }
    if (!expect.includes(answer.status)) {
      throw this.#failure(
        what,
        `the git host answered ${answer.status}${messageOf(answer.text)}`,
      );
    }
    return {
      status: answer.status,
      read: schema => {
        const read = schema.safeParse(parse(answer.text));
        if (!read.success) {
          throw this.#failure(
            what,
            'the answer of the git host is not its API’s',
          );
        }
        return read.data;
      },
    };
  }

  #failure(what: string, why: string): WasiError {
    return new WasiError('PULL_REQUEST_FAILED', {
      message: `A change of ${
        this.#repository
      } could not be proposed (${what}): ${why}.`,
    });
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw new Error('the answer is too long');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no answer of the API, which the schema tells.
    return undefined;
  }
}

function messageOf(text: string): string {
  const { message } = (parse(text) ?? {}) as { message?: unknown };
  return typeof message === 'string' ? `: ${message.slice(0, 200)}` : '';
}

function reasonOf(error: unknown): string {
  const { cause, message, name } = error as Error & {
    cause?: { code?: string };
  };
  return name === 'TimeoutError' ? 'no answer in time' : cause?.code ?? message;
}

/** A path of several parts in a URL. @internal */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
