import {
  WasiError,
  type Finding,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { KubernetesAnswer } from './KubernetesConnection';
import { toForbiddenError } from './toForbiddenError';
import type { ModuleName } from './types';

/** What was asked of the cluster when it refused. @internal */
export interface RefusedRequest {
  cluster: string;
  /** What was attempted, e.g. `list WasmModules`. */
  verb: string;
  /** The module it was about; absent for a list. */
  module?: ModuleName;
  /** What was listed or watched, where that is not WasmModules. */
  resource?: string;
}

const WASM_MODULES = 'WasmModules';

/**
 * Turns an API server's refusal into ours: no status code travels on.
 *
 * @internal
 */
export function toClusterError(
  answer: KubernetesAnswer,
  request: RefusedRequest,
): WasiError {
  const status = readStatus(answer.text);
  const on = request.module
    ? `${request.module.namespace}/${request.module.name} on cluster "${request.cluster}"`
    : `on cluster "${request.cluster}"`;
  const what = `Could not ${request.verb} ${on}`;
  const because = status.message ? `: ${status.message}` : '.';
  switch (answer.status) {
    case 401:
      if (answer.as?.tokenOf) {
        return new WasiError('CLUSTER_TOKEN_MISSING', {
          message: `Cluster "${request.cluster}" does not accept the token of ${answer.as.user} from ${answer.as.tokenOf}.`,
          remedy: `Sign in to ${answer.as.tokenOf} again.`,
        });
      }
      return new WasiError('CLUSTER_UNAUTHENTICATED', {
        message: `Cluster "${request.cluster}" does not accept the portal's credentials.`,
      });
    case 403:
      if (/exceeded quota: /.test(status.message ?? '')) {
        return new WasiError('NAMESPACE_QUOTA_EXCEEDED', {
          message: `${what}${because}`,
        });
      }
      if (/because it is being terminated$/.test(status.message ?? '')) {
        return new WasiError('NAMESPACE_TERMINATING', {
          message: `${what}${because}.`,
        });
      }
      return toForbiddenError(answer, {
        cluster: request.cluster,
        what,
        message: status.message,
        remedy: isOther(request)
          ? `Grant list and watch on ${request.resource} to the account named.`
          : undefined,
      });
    case 404:
      return toNotFoundError(status, { request, what, because });
    case 409:
      return toConflictError(status, { request, what, on, because });
    case 400:
    case 422:
      return toInvalidError(status, { what, because });
    case 429:
      return new WasiError('CLUSTER_BUSY', {
        message: `${what}: the API server has too much to do${
          answer.retryAfterSeconds
            ? ` and asks to wait ${answer.retryAfterSeconds} s`
            : ''
        }.`,
        cause: { retryAfterSeconds: answer.retryAfterSeconds },
      });
    default:
      return new WasiError('CLUSTER_UNEXPECTED', {
        message: `${what}: the API server answered ${answer.status}${
          status.message ? `, ${status.message}` : ''
        }.`,
      });
  }
}

function isOther({ resource = WASM_MODULES }: RefusedRequest): boolean {
  return resource !== WASM_MODULES;
}

/** For how long a CLUSTER_BUSY asks to be left alone. @internal */
export function retryAfterOf(error: WasiError): number | undefined {
  const { retryAfterSeconds } = (error.cause ?? {}) as {
    retryAfterSeconds?: number;
  };
  return error.code === 'CLUSTER_BUSY' && retryAfterSeconds !== undefined
    ? retryAfterSeconds * 1000
    : undefined;
}

const statusSchema = z.object({
  message: z.string().max(8192).optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  details: z
    .object({
      name: z.string().optional().catch(undefined),
      kind: z.string().optional().catch(undefined),
      causes: z
        .array(
          z.object({
            reason: z.string().optional(),
            message: z.string().optional(),
            field: z.string().optional(),
          }),
        )
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

type Status = z.infer<typeof statusSchema>;

function readStatus(text: string): Status {
  try {
    const status = statusSchema.safeParse(JSON.parse(text));
    return status.success ? status.data : {};
  } catch {
    // Proxies and unknown paths answer in plain text or HTML; the status says enough.
    return {};
  }
}

function toNotFoundError(
  status: Status,
  options: { request: RefusedRequest; what: string; because: string },
): WasiError {
  const { request, what, because } = options;
  if (status.details?.kind === 'namespaces') {
    return new WasiError('NAMESPACE_MISSING', {
      message: `${what}: namespace "${
        status.details.name ?? request.module?.namespace
      }" does not exist.`,
    });
  }
  // An API server that knows the resource names what it did not find.
  if (request.module && status.details?.name) {
    return new WasiError('MODULE_NOT_FOUND', {
      message: `There is no WasmModule ${request.module.namespace}/${request.module.name} on cluster "${request.cluster}".`,
    });
  }
  if (isOther(request)) {
    return new WasiError('KNATIVE_MISSING', {
      message: `Cluster "${request.cluster}" does not serve ${request.resource}.`,
    });
  }
  return new WasiError('CRD_MISSING', {
    message: `${what}: the cluster does not serve WasmModules${
      because === '.' ? '.' : ` (${status.message}).`
    }`,
  });
}

function toConflictError(
  status: Status,
  options: {
    request: RefusedRequest;
    what: string;
    on: string;
    because: string;
  },
): WasiError {
  const { what, on, because } = options;
  if (status.reason === 'AlreadyExists') {
    return new WasiError('MODULE_EXISTS', {
      message: `${what}: a WasmModule of this name exists.`,
    });
  }
  const conflicts = (status.details?.causes ?? [])
    .filter(cause => cause.reason === 'FieldManagerConflict')
    .map<FieldConflict>(cause => ({
      field: cause.field ?? '?',
      manager: managerName(cause.message) ?? 'another manager',
    }));
  if (conflicts.length === 0) {
    return new WasiError('MODULE_CONFLICT', {
      message: `WasmModule ${on} was changed by somebody else in the meantime${because}`,
    });
  }
  const findings = conflicts.map<Finding>(({ field, manager }) => ({
    code: 'FIELD_MANAGER_CONFLICT',
    severity: 'error',
    message: `\`${field}\` is owned by ${manager}.`,
    remedy: 'Change it with that tool, or deploy with `force` to take it over.',
    path: field.replace(/^\./, ''),
  }));
  const managers = new Set(conflicts.map(({ manager }) => manager));
  return new WasiError('FIELD_MANAGER_CONFLICT', {
    message: `${what}: ${conflicts
      .map(({ field }) => field)
      .join(', ')} owned by ${[...managers].join(', ')}.`,
    findings,
    cause: { conflicts },
  });
}

/** A field that an apply would take from its manager. @internal */
export interface FieldConflict {
  /** As the API server writes it, e.g. `.spec.image`. */
  field: string;
  manager: string;
}

/** The conflicts that a FIELD_MANAGER_CONFLICT tells of. @internal */
export function conflictsOf(error: WasiError): FieldConflict[] {
  const { conflicts } = (error.cause ?? {}) as { conflicts?: FieldConflict[] };
  return conflicts ?? [];
}

// The API server says: conflict with "kubectl-edit" using wasm.serving.knative.dev/v1alpha1
function managerName(message: string | undefined): string | undefined {
  return message?.match(/conflict with "([^"]+)"/)?.[1];
}

function toInvalidError(
  status: Status,
  options: { what: string; because: string },
): WasiError {
  const findings = (status.details?.causes ?? []).map<Finding>(cause => ({
    code: 'MODULE_INVALID',
    severity: 'error',
    message: [cause.field, cause.message].filter(Boolean).join(': '),
    remedy: 'Correct the field named.',
    path: cause.field,
  }));
  return new WasiError('MODULE_INVALID', {
    message: `${options.what}${options.because}`,
    findings: findings.length > 0 ? findings : undefined,
  });
}
