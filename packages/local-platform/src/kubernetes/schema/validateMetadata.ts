import type { ObjectMeta } from '@wasi-functions/backstage-plugin-wasi-common';
import type { FieldError } from '../status/refusals';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const NAME_PART = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const MAXIMUM_ANNOTATION_BYTES = 256 * 1024;

/**
 * Checks name, labels, annotations and finalizers by Kubernetes' rules.
 *
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export function validateMetadata(
  metadata: ObjectMeta,
  options: { nameRule: 'subdomain' | 'label' },
): FieldError[] {
  return [
    ...validateName(metadata.name, options.nameRule),
    ...validateLabels(metadata.labels ?? {}),
    ...validateAnnotations(metadata.annotations ?? {}),
    ...(metadata.finalizers ?? []).flatMap((finalizer, index) =>
      validateKey(finalizer, `metadata.finalizers[${index}]`),
    ),
  ];
}

function validateName(
  name: string | undefined,
  rule: 'subdomain' | 'label',
): FieldError[] {
  const field = 'metadata.name';
  if (!name) {
    return [
      {
        reason: 'FieldValueRequired',
        field,
        message: 'Required value: name or generateName is required',
      },
    ];
  }
  const limit = rule === 'label' ? 63 : 253;
  const pattern = rule === 'label' ? LABEL : SUBDOMAIN;
  if (name.length > limit) {
    return [invalid(field, name, `must be no more than ${limit} characters`)];
  }
  if (!new RegExp(`^${pattern}$`).test(name)) {
    return [
      invalid(
        field,
        name,
        rule === 'label'
          ? `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${pattern}')`
          : `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${pattern}')`,
      ),
    ];
  }
  return [];
}

function validateLabels(labels: Record<string, string>): FieldError[] {
  const field = 'metadata.labels';
  return Object.entries(labels).flatMap(([key, value]) => [
    ...validateKey(key, field),
    ...(value.length > 63
      ? [invalid(field, value, 'must be no more than 63 characters')]
      : []),
    ...(value !== '' && !new RegExp(`^${NAME_PART}$`).test(value)
      ? [
          invalid(
            field,
            value,
            `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${NAME_PART})?')`,
          ),
        ]
      : []),
  ]);
}

function validateAnnotations(
  annotations: Record<string, string>,
): FieldError[] {
  const field = 'metadata.annotations';
  const entries = Object.entries(annotations);
  const bytes = entries.reduce(
    (sum, [key, value]) =>
      sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  return [
    ...entries.flatMap(([key]) => validateKey(key.toLowerCase(), field)),
    ...(bytes > MAXIMUM_ANNOTATION_BYTES
      ? [
          {
            reason: 'FieldValueTooLong',
            field,
            message: `Too long: may not be more than ${MAXIMUM_ANNOTATION_BYTES} bytes`,
          },
        ]
      : []),
  ];
}

/** `name` or `prefix/name`. */
function validateKey(key: string, field: string): FieldError[] {
  const parts = key.split('/');
  const name = parts.pop()!;
  const prefix = parts.pop();
  const wellFormed =
    parts.length === 0 &&
    name.length <= 63 &&
    new RegExp(`^${NAME_PART}$`).test(name) &&
    (prefix === undefined ||
      (prefix.length <= 253 && new RegExp(`^${SUBDOMAIN}$`).test(prefix)));
  return wellFormed
    ? []
    : [
        invalid(
          field,
          key,
          `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${NAME_PART}')`,
        ),
      ];
}

function invalid(field: string, value: string, why: string): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  };
}
