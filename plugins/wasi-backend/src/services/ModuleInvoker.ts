import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import {
  WasiError,
  type InvokeAnswer,
  type invokeRequestSchema,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import { checkModuleOwner } from '@wasi-functions/backstage-plugin-wasi-node';
import type { z } from 'zod';
import type { Caller } from './Callers';
import type { EntityModules } from './EntityModules';
import { eventHeaders, readEvent } from './cloudEvents';
import { guardedLookup, refuseGuardedAddress } from './guardedLookup';
import { requestHeaders, responseHeaders } from './invokeHeaders';
import { readModuleAddress } from './readModuleAddress';

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Sends a request of a portal user to a module that the entity owns, at the
 * address that the cluster says it has and nowhere else.
 *
 * Nothing of the caller's own request travels on: no header, no cookie, no token.
 *
 * @internal
 */
export class ModuleInvoker {
  readonly #modules: EntityModules;
  readonly #timeoutMs: number;
  readonly #now: () => number;

  constructor(options: {
    modules: EntityModules;
    timeoutMs: number;
    now?: () => number;
  }) {
    this.#modules = options.modules;
    this.#timeoutMs = options.timeoutMs;
    this.#now = options.now ?? (() => performance.now());
  }

  async invoke(options: {
    entity: Entity;
    ref: ModuleRef;
    request: z.output<typeof invokeRequestSchema>;
    /** Whose tokens show where the module is, where the cluster takes no others. */
    caller?: Pick<Caller, 'cluster'>;
    signal: AbortSignal;
  }): Promise<InvokeAnswer> {
    const { entity, ref, request, caller, signal } = options;
    const { module } = await this.#modules.require(
      entity,
      ref,
      caller?.cluster,
    );
    checkModuleOwner(module, stringifyEntityRef(entity));
    const url = readModuleAddress(module, request.path);
    refuseGuardedAddress(url.hostname);
    const body = readBody(request.body);
    const event = request.cloudEvent && {
      ...request.cloudEvent,
      id: request.cloudEvent.id ?? randomUUID(),
    };
    const headers = requestHeaders(
      event ? eventHeaders(event, request.headers) : request.headers,
      body,
    );
    const started = this.#now();
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await send(url, {
        method: request.method,
        headers,
        body,
        signal: AbortSignal.any([signal, timeout]),
      });
      const { bytes, truncated } = await readBounded(response);
      const shown = responseHeaders(response.rawHeaders);
      const encoded = encode(bytes, truncated);
      const answered = readEvent(shown, encoded.body);
      return {
        status: response.statusCode ?? 0,
        headers: shown,
        ...encoded,
        truncated,
        durationMs: Math.round(this.#now() - started),
        ...(answered && { cloudEvent: answered }),
        ...(event && { sentEventId: event.id }),
      };
    } catch (error) {
      if (signal.aborted) {
        throw signal.reason;
      }
      throw this.#explain(error, { ref, timedOut: timeout.aborted });
    }
  }

  #explain(
    error: unknown,
    options: { ref: ModuleRef; timedOut: boolean },
  ): WasiError {
    const { ref, timedOut } = options;
    const what = `WasmModule ${ref.namespace}/${ref.name} on cluster "${ref.cluster}"`;
    if (error instanceof WasiError) {
      return error;
    }
    if (timedOut) {
      return new WasiError('MODULE_RUN_TIMEOUT', {
        message: `${what} did not answer within ${this.#timeoutMs / 1000} s.`,
      });
    }
    const { code } = error as { code?: string };
    return new WasiError('INVOKE_FAILED', {
      message: `${what} could not be called${code ? ` (${code})` : ''}.`,
    });
  }
}

function readBody(text: string | undefined): Buffer | undefined {
  const body = text === undefined ? undefined : Buffer.from(text, 'utf8');
  if (body && body.length > MAX_BODY_BYTES) {
    throw new WasiError('INPUT_INVALID', {
      message: `The body has ${body.length} bytes, more than the ${MAX_BODY_BYTES} that may be sent from here.`,
      remedy: 'Send less, or call the module directly.',
    });
  }
  return body;
}

function send(
  url: URL,
  options: {
    method: string;
    headers: Record<string, string>;
    body?: Buffer;
    signal: AbortSignal;
  },
): Promise<http.IncomingMessage> {
  const { body, ...rest } = options;
  const request = url.protocol === 'https:' ? https.request : http.request;
  return new Promise((resolve, reject) => {
    // node:http follows no redirect; a 3xx is an answer like any other.
    const outgoing = request(url, {
      ...rest,
      lookup: guardedLookup,
      agent: false,
    });
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    // An answer that changes the protocol is neither a response nor an error.
    outgoing.on('close', () =>
      reject(new Error('The connection ended before there was an answer')),
    );
    outgoing.end(body);
  });
}

async function readBounded(
  response: http.IncomingMessage,
): Promise<{ bytes: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      // Leaving the loop ends the connection.
      return {
        bytes: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES),
        truncated: true,
      };
    }
  }
  return { bytes: Buffer.concat(chunks), truncated: false };
}

function encode(
  bytes: Buffer,
  truncated: boolean,
): Pick<InvokeAnswer, 'body' | 'encoding'> {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    // A cut may fall inside a character; `stream` leaves that character out.
    return {
      body: decoder.decode(bytes, { stream: truncated }),
      encoding: 'utf-8',
    };
  } catch {
    // Not text.
    return { body: bytes.toString('base64'), encoding: 'base64' };
  }
}
