import {
  isWasiError,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused (ECONNREFUSED)',
  ECONNRESET: 'the connection was cut (ECONNRESET)',
  ENOTFOUND: 'its host name is not known (ENOTFOUND)',
  EAI_AGAIN: 'its host name could not be looked up (EAI_AGAIN)',
  ETIMEDOUT: 'the connection timed out (ETIMEDOUT)',
  EHOSTUNREACH: 'there is no route to it (EHOSTUNREACH)',
  ENETUNREACH: 'there is no route to it (ENETUNREACH)',
  EPROTO: 'it does not speak TLS (EPROTO)',
  ENOENT: 'a file that the configuration names does not exist (ENOENT)',
};

const AUTHORITY =
  'Set the certificate authority of the cluster: `caData` or `caFile` in app-config, or `certificate-authority` in the kubeconfig.';

/** Why a certificate is not trusted, and what helps. */
const DISTRUST: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: AUTHORITY,
  // An authority of the same name with another key.
  CERT_SIGNATURE_FAILURE: AUTHORITY,
  CERT_HAS_EXPIRED: 'Renew the certificate of the API server.',
  CERT_NOT_YET_VALID:
    'Set the clocks of the backend and of the API server right.',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'Write the address of the cluster with a host name that its certificate has.',
};

/** Tells whether the API server proved another identity than the one configured. @internal */
export function isDistrusted(error: unknown): boolean {
  return Object.hasOwn(DISTRUST, errorCode(error) ?? '');
}

/**
 * Tells why no answer came from a cluster, without its address or credentials.
 *
 * @internal
 */
export function toUnreachableError(
  error: unknown,
  options: { cluster: string; timedOut: boolean },
): WasiError {
  if (isWasiError(error)) {
    return error;
  }
  const where = `Cluster "${options.cluster}" cannot be reached`;
  if (options.timedOut) {
    return new WasiError('CLUSTER_UNREACHABLE', {
      message: `${where}: it did not answer in time.`,
    });
  }
  const code = errorCode(error);
  if (code && Object.hasOwn(DISTRUST, code)) {
    return new WasiError('CLUSTER_UNREACHABLE', {
      message: `${where}: its certificate is not trusted (${code}).`,
      remedy: DISTRUST[code],
    });
  }
  if (code) {
    return new WasiError('CLUSTER_UNREACHABLE', {
      message: `${where}: ${REASONS[code] ?? code}.`,
    });
  }
  // Messages of client-node and of exec plugins may name paths, or print what
  // a credential helper said; so the text stays out of the answer.
  return new WasiError('CLUSTER_UNREACHABLE', {
    message: `${where}: its credentials or address in the configuration cannot be used.`,
    remedy:
      'Check the entry of the cluster in app-config or kubeconfig, and that its credential plugin works.',
  });
}

function errorCode(error: unknown): string | undefined {
  const { code, errors } = (error ?? {}) as {
    code?: unknown;
    errors?: { code?: unknown }[];
  };
  // Several addresses tried in vain: an AggregateError, whose parts have the code.
  const found = code ?? errors?.[0]?.code;
  return typeof found === 'string' && /^[A-Z][A-Z0-9_]+$/.test(found)
    ? found
    : undefined;
}
