import type { ObjectMeta } from '@wasi-functions/backstage-plugin-wasi-common';
import type { FieldError } from '../status/refusals';
import { invalidValue } from './invalidValue';
import {
  labelFaults,
  labelValueFaults,
  qualifiedNameFaults,
  subdomainFaults,
} from './nameRules';
import { validateFinalizers } from './validateFinalizers';
import { validateOwners } from './validateOwners';

const MAXIMUM_ANNOTATION_BYTES = 256 * 1024;

/**
 * Checks name, labels, annotations, finalizers and owners by Kubernetes' rules.
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
    ...validateFinalizers(metadata.finalizers ?? []),
    ...validateOwners(metadata.ownerReferences ?? []),
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
  const faults = rule === 'label' ? labelFaults(name) : subdomainFaults(name);
  return faults.map(why => invalidValue(field, name, why));
}

function validateLabels(labels: Record<string, string>): FieldError[] {
  const field = 'metadata.labels';
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedNameFaults(key).map(why => invalidValue(field, key, why)),
    ...labelValueFaults(value).map(why => invalidValue(field, value, why)),
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
    ...entries.flatMap(([key]) =>
      qualifiedNameFaults(key.toLowerCase()).map(why =>
        invalidValue(field, key, why),
      ),
    ),
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
