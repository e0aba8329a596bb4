import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { RegistryFailure } from './RegistryFailure';

/** Times that bound every request, in milliseconds. @public */
export interface RegistryTimeouts {
  connect: number;
  /** Between two signs of life: from the last byte sent to the answer, and between bytes. */
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
 * Proxies of the environment (`HTTPS_PROXY`, `NO_PROXY`) are used, except for
 * this machine, where the local registry is.
 */
export function createTransport(timeouts: RegistryTimeouts): Transport {
  const connect = { timeout: timeouts.connect };
  const direct = new Agent({ connect });
  const proxied = new EnvHttpProxyAgent({ connect });
  return {
    async send({ url, method, headers, body, carriesBlob, signal }) {
      const deadline = AbortSignal.timeout(
        carriesBlob ? timeouts.blob : timeouts.request,
      );
      try {
        const response = await request(url, {
          method,
          headers,
          body: body?.() as Dispatcher.DispatchOptions['body'],
          dispatcher: isLoopback(url.hostname) ? direct : proxied,
          signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
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
        throw connectionFailure(error, { host: url.host, signal });
      }
    },
  };
}

/**
 * Turns what went wrong on the wire into an error a portal user can act on.
 */
export function connectionFailure(
  error: unknown,
  { host, signal }: { host: string; signal?: AbortSignal },
): RegistryFailure {
  if (error instanceof RegistryFailure) {
    return error;
  }
  if (signal?.aborted) {
    return new RegistryFailure('REGISTRY_ABORTED', {
      message: `The transfer with ${host} was cancelled`,
    });
  }
  const { reason, remedy } = explain(error);
  return new RegistryFailure('REGISTRY_UNREACHABLE', {
    message: `Registry ${host} cannot be reached: ${reason}`,
    remedy,
    again: {},
  });
}

function explain(error: unknown): { reason: string; remedy?: string } {
  const { name, code } = error as { name?: string; code?: string };
  if (name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(code ?? '')) {
    return { reason: 'it did not answer in time' };
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO') {
    return {
      reason: 'it does not speak https',
      remedy:
        'Set `insecure: true` for this host under `wasi.registries` if it is meant to speak plain HTTP.',
    };
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code ?? '')) {
    return {
      reason: `its certificate is not trusted (${code})`,
      remedy:
        'Have its certificate authority trusted by Node, e.g. with NODE_EXTRA_CA_CERTS.',
    };
  }
  switch (code) {
    case 'ECONNREFUSED':
      return { reason: 'nothing listens there (ECONNREFUSED)' };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { reason: `its name is not known (${code})` };
    default:
      // The codes of undici and of the system hold no data of the request; their texts may.
      return {
        reason: `the connection broke off (${code ?? name ?? 'unknown'})`,
      };
  }
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
