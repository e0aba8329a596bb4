import { invalid, type FieldError } from '../status/refusals';

const MATCHES = ['Exact', 'NotOlderThan'];

/**
 * Refuses options of a list or a watch that contradict each other.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 *
 * @throws KubernetesStatusError 422
 */
export function requireListOptions(
  query: URLSearchParams,
  verb: 'list' | 'watch',
): void {
  const errors = verb === 'watch' ? checkWatch(query) : checkList(query);
  if (errors.length > 0) {
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  }
}

function checkList(query: URLSearchParams): FieldError[] {
  const match = query.get('resourceVersionMatch');
  const version = query.get('resourceVersion');
  return [
    ...(match && !version
      ? [
          forbidden(
            'resourceVersionMatch is forbidden unless resourceVersion is provided',
          ),
        ]
      : []),
    ...checkContinue(query),
    ...(match && !MATCHES.includes(match)
      ? [notSupported(match, [...MATCHES, ''])]
      : []),
    ...(match === 'Exact' && version === '0'
      ? [
          forbidden(
            'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
          ),
        ]
      : []),
    ...(query.has('sendInitialEvents')
      ? [
          {
            ...forbidden('sendInitialEvents is forbidden for list'),
            field: 'sendInitialEvents',
          },
        ]
      : []),
  ];
}

function checkWatch(query: URLSearchParams): FieldError[] {
  const match = query.get('resourceVersionMatch');
  const initial = query.has('sendInitialEvents');
  return [
    ...(initial && match !== 'NotOlderThan'
      ? [
          forbidden(
            'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
          ),
        ]
      : []),
    ...(match && !initial
      ? [
          forbidden(
            'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
          ),
        ]
      : []),
    ...(match && match !== 'NotOlderThan'
      ? [notSupported(match, ['NotOlderThan'])]
      : []),
    ...checkContinue(query),
  ];
}

function checkContinue(query: URLSearchParams): FieldError[] {
  return query.get('resourceVersionMatch') && query.get('continue')
    ? [forbidden('resourceVersionMatch is forbidden when continue is provided')]
    : [];
}

function forbidden(why: string): FieldError {
  return {
    reason: 'FieldValueForbidden',
    field: 'resourceVersionMatch',
    message: `Forbidden: ${why}`,
  };
}

function notSupported(value: string, supported: string[]): FieldError {
  return {
    reason: 'FieldValueNotSupported',
    field: 'resourceVersionMatch',
    message: `Unsupported value: ${JSON.stringify(
      value,
    )}: supported values: ${supported
      .map(one => JSON.stringify(one))
      .join(', ')}`,
  };
}
