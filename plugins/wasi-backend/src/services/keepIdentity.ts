import {
  ANNOTATION_ENTITY_REF,
  LABEL_KUBERNETES_ID,
  WasiError,
  type ObjectMeta,
} from '@wasi-functions/backstage-plugin-wasi-common';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The labels and annotations to write: those wanted, with those kept that say
 * whose module it is and those that are not shown.
 *
 * @throws `WasiError` INPUT_INVALID where the module would change its owner.
 * @internal
 */
export function keepIdentity(
  wanted: ObjectMeta,
  current: ObjectMeta,
): Pick<ObjectMeta, 'labels' | 'annotations'> {
  refuseIdentityChange(wanted, current);
  return {
    labels: {
      ...wanted.labels,
      ...entry(LABEL_KUBERNETES_ID, current.labels),
    },
    annotations: {
      ...wanted.annotations,
      ...entry(ANNOTATION_ENTITY_REF, current.annotations),
      ...entry(LAST_APPLIED, current.annotations),
    },
  };
}

/**
 * Refuses labels or annotations that would change whose module it is; `null` removes one.
 *
 * @internal
 */
export function refuseIdentityChange(
  wanted: {
    labels?: Record<string, string | null>;
    annotations?: Record<string, string | null>;
  },
  current: ObjectMeta,
): void {
  const identity = [
    ['annotations', ANNOTATION_ENTITY_REF],
    ['labels', LABEL_KUBERNETES_ID],
  ] as const;
  for (const [field, key] of identity) {
    const value = wanted[field]?.[key];
    if (value !== undefined && value !== current[field]?.[key]) {
      throw new WasiError('INPUT_INVALID', {
        message: `\`metadata.${field}["${key}"]\` says whose module it is and cannot be changed here.`,
        remedy: 'Leave it as it is.',
      });
    }
  }
}

function entry(
  key: string,
  values: Record<string, string> | undefined,
): Record<string, string> {
  return values?.[key] === undefined ? {} : { [key]: values[key] };
}
