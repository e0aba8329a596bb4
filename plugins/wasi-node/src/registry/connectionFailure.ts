import {
  catalogue,
  isWasiError,
  type WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { RegistryFailure } from './RegistryFailure';

/**
 * Turns what went wrong on the wire into an error a portal user can act on.
 */
export function connectionFailure(
  error: unknown,
  { host, signal }: { host: string; signal?: AbortSignal },
): WasiError {
  if (isWasiError(error)) {
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
  const { name, code, message } = error as {
    name?: string;
    code?: string;
    message?: string;
  };
  // The whole request; what is silent for too long is caught before.
  if (name === 'TimeoutError') {
    return { reason: 'it is too slow' };
  }
  if (name === 'StallError' || code === 'UND_ERR_BODY_TIMEOUT') {
    return { reason: 'the transfer came to a standstill' };
  }
  if (/TIMEOUT|ETIMEDOUT/.test(code ?? '')) {
    return { reason: 'it did not answer in time' };
  }
  const proxyStatus = /^Proxy response \((\d+)\)/.exec(message ?? '')?.[1];
  if (proxyStatus) {
    return {
      reason: `the proxy of the environment refuses the connection (${proxyStatus})`,
      remedy:
        'Correct HTTPS_PROXY and HTTP_PROXY of the backend, or name the host in NO_PROXY.',
    };
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
  if (name === 'HTTPParserError') {
    return {
      reason: 'it does not speak HTTP',
      remedy: catalogue.REGISTRY_UNEXPECTED.remedy,
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
