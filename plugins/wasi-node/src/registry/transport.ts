import type { lookup as resolveHost } from 'node:dns';
import { request, type Dispatcher } from 'undici';
import { RefusedAddressError } from '../network/guardLookup';
import { connectionFailure } from './connectionFailure';
import { createConnections } from './connections';
import { RegistryFailure } from './RegistryFailure';

/** Times that bound every request, in milliseconds. @public */
export interface RegistryTimeouts {
  connect: number;
  /** Between two signs of life: while sending, until the answer, and between its bytes. */
  idle: number;
  /** From the last byte of a blob to the answer: the registry hashes and moves it. */
  store: number;
  /** A whole request without a blob. */
  request: number;
  /** A whole request with a blob. */
  blob: number;
}

/** One HTTP request, to one address. */
export interface TransportRequest {
  url: URL;
  /** The registry that the request is for; it may have named another host in `url`. */
  registry: URL;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  headers: Record<string, string>;
  /** Called for each time that the body is sent. */
  body?: () => Uint8Array | AsyncIterable<Uint8Array>;
  /** Carries a blob, up or down, which may take long. */
  carriesBlob?: boolean;
  signal?: AbortSignal;
}

export interface TransportResponse {
  url: URL;
  status: number;
  headers: Dispatcher.ResponseData['headers'];
  body: Dispatcher.ResponseData['body'];
}

/** Sends requests; follows no redirects, and knows no credentials. */
export interface Transport {
  send(options: TransportRequest): Promise<TransportResponse>;
}

/**
 * Creates a transport with connections of its own.
 *
 * @param options - `listedHosts`: hosts that the configuration names, wherever they are.
 */
export function createTransport(
  timeouts: RegistryTimeouts,
  options: { listedHosts: readonly string[]; resolve?: typeof resolveHost },
): Transport {
  const connections = createConnections({
    connectTimeoutMs: timeouts.connect,
    ...options,
  });
  return {
    async send({ url, registry, method, headers, body, carriesBlob, signal }) {
      const stall = new AbortController();
      const signals = [
        stall.signal,
        AbortSignal.timeout(carriesBlob ? timeouts.blob : timeouts.request),
      ];
      const content = body?.();
      try {
        const response = await request(url, {
          method,
          headers,
          body: (content && !(content instanceof Uint8Array)
            ? watch(content, timeouts.idle, stall)
            : content) as Dispatcher.DispatchOptions['body'],
          dispatcher: connections.dispatcherFor(url, registry),
          signal: AbortSignal.any(signal ? [signal, ...signals] : signals),
          headersTimeout: carriesBlob && body ? timeouts.store : timeouts.idle,
          bodyTimeout: timeouts.idle,
        });
        return {
          url,
          status: response.statusCode,
          headers: response.headers,
          body: response.body,
        };
      } catch (error) {
        if (error instanceof RefusedAddressError) {
          throw new RegistryFailure('REGISTRY_UNEXPECTED', {
            message: `Registry ${registry.host} pointed to a place we do not go to: ${error.message}`,
            remedy:
              'List the host under `wasi.registries` if it belongs to the registry.',
          });
        }
        throw connectionFailure(error, { host: url.host, signal });
      }
    },
  };
}

/** Ends a request whose other side takes nothing any more. */
async function* watch(
  content: AsyncIterable<Uint8Array>,
  idleMs: number,
  stall: AbortController,
): AsyncGenerator<Uint8Array> {
  const timer = setTimeout(
    () => stall.abort(new DOMException('The upload stalled', 'StallError')),
    idleMs,
  );
  try {
    for await (const chunk of content) {
      timer.refresh();
      yield chunk;
    }
  } finally {
    // From here on it is the registry's turn, which has a time of its own.
    clearTimeout(timer);
  }
}
