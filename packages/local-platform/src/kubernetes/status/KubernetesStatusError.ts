/**
 * One cause of a refused request (Kubernetes `StatusCause`).
 *
 * @public
 */
export interface StatusCause {
  reason: string;
  message: string;
  field?: string;
}

/**
 * Kubernetes' answer to a request that failed.
 *
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 *
 * @public
 */
export interface FailureStatus {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { continue?: string };
  status: 'Failure';
  message: string;
  reason?: string;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: StatusCause[];
    retryAfterSeconds?: number;
  };
  code: number;
}

/**
 * A refusal as the Kubernetes API answers it.
 *
 * @public
 */
export class KubernetesStatusError extends Error {
  readonly status: FailureStatus;

  constructor(
    status: Pick<FailureStatus, 'code' | 'message' | 'reason' | 'details'> & {
      metadata?: FailureStatus['metadata'];
    },
  ) {
    super(status.message);
    this.name = 'KubernetesStatusError';
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: status.metadata ?? {},
      status: 'Failure',
      message: status.message,
      ...(status.reason && { reason: status.reason }),
      ...(status.details && { details: status.details }),
      code: status.code,
    };
  }
}
