import type { WriteOptions } from '../objects/ResourceObjects';
import { invalid, type FieldError } from '../status/refusals';
import type { ApiRequest } from './ApiRequest';

/** What to do about fields that the schema does not know. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

type OptionsKind = 'CreateOptions' | 'PatchOptions' | 'UpdateOptions';

const MAXIMUM_MANAGER_BYTES = 128;

/**
 * Options of a write that stand in the query.
 *
 * @throws KubernetesStatusError 422
 */
export function writeOptions(
  apiRequest: ApiRequest,
  kind: OptionsKind,
  operation: 'Apply' | 'Update' = 'Update',
): WriteOptions & { fieldValidation: FieldValidation } {
  const { query, path } = apiRequest;
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  const errors = [
    ...checkForce(query, kind, operation),
    ...checkManager(query.get('fieldManager') ?? '', operation),
    ...checkDryRun(query.getAll('dryRun')),
    ...checkFieldValidation(fieldValidation),
  ];
  if (errors.length > 0) {
    throw invalid({ group: 'meta.k8s.io', kind }, '', errors);
  }
  return {
    manager: {
      name: managerName(apiRequest),
      operation,
      ...(path.subresource && { subresource: path.subresource }),
    },
    fieldValidation: fieldValidation as FieldValidation,
    dryRun: isDryRun(query.getAll('dryRun')),
  };
}

/** Whether nothing is to be kept. */
export function isDryRun(values: string[]): boolean {
  return values.some(value => value !== '');
}

export function checkDryRun(sent: string[]): FieldError[] {
  const values = sent.filter(value => value !== '');
  return values.every(value => value === 'All')
    ? []
    : [
        {
          reason: 'FieldValueNotSupported',
          field: 'dryRun',
          message: `Unsupported value: ${JSON.stringify(
            values,
          )}: supported values: "All"`,
        },
      ];
}

function checkFieldValidation(value: string): FieldError[] {
  return ['Ignore', 'Warn', 'Strict'].includes(value)
    ? []
    : [
        {
          reason: 'FieldValueNotSupported',
          field: 'fieldValidation',
          message: `Unsupported value: ${JSON.stringify(
            value,
          )}: supported values: "", "Ignore", "Strict", "Warn"`,
        },
      ];
}

function checkForce(
  query: URLSearchParams,
  kind: OptionsKind,
  operation: 'Apply' | 'Update',
): FieldError[] {
  return kind === 'PatchOptions' && operation === 'Update' && query.has('force')
    ? [
        {
          reason: 'FieldValueForbidden',
          field: 'force',
          message: 'Forbidden: may not be specified for non-apply patch',
        },
      ]
    : [];
}

function checkManager(
  name: string,
  operation: 'Apply' | 'Update',
): FieldError[] {
  const field = 'fieldManager';
  if (!name && operation === 'Apply') {
    return [
      {
        reason: 'FieldValueRequired',
        field,
        message: 'Required value: is required for apply patch',
      },
    ];
  }
  const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u.exec(name);
  return [
    ...(Buffer.byteLength(name) > MAXIMUM_MANAGER_BYTES
      ? [
          {
            reason: 'FieldValueTooLong',
            field,
            message: `Too long: may not be more than ${MAXIMUM_MANAGER_BYTES} bytes`,
          },
        ]
      : []),
    ...(unprintable
      ? [
          {
            reason: 'FieldValueInvalid',
            field,
            message: `Invalid value: ${JSON.stringify(name).replace(
              /\\u00/g,
              '\\x',
            )}: invalid character ${codePoint(
              unprintable[0],
            )} (at position ${Buffer.byteLength(
              name.slice(0, unprintable.index),
            )})`,
          },
        ]
      : []),
  ];
}

function codePoint(character: string): string {
  const hexadecimal = character.codePointAt(0)!.toString(16).toUpperCase();
  return `U+${hexadecimal.padStart(4, '0')}`;
}

/** As it is named, else as the client calls itself. */
function managerName({ query, request }: ApiRequest): string {
  const [agent] = (request.headers['user-agent'] ?? 'unknown').split('/');
  return query.get('fieldManager') || agent.slice(0, MAXIMUM_MANAGER_BYTES);
}
