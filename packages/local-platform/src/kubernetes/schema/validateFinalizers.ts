import type { ObjectMeta } from '@wasi-functions/backstage-plugin-wasi-common';
import type { FieldError } from '../status/refusals';
import { invalidValue } from './invalidValue';
import { qualifiedNameFaults } from './nameRules';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';
/** Those that Kubernetes itself sets. */
const OWN = [ORPHAN, FOREGROUND, 'kubernetes'];

const FIELD = 'metadata.finalizers';

/** What must be done before an object goes has a name like a label's. */
export function validateFinalizers(finalizers: string[]): FieldError[] {
  return [
    ...finalizers.flatMap(finalizer =>
      qualifiedNameFaults(finalizer).map(why =>
        invalidValue(FIELD, finalizer, why),
      ),
    ),
    ...(finalizers.includes(ORPHAN) && finalizers.includes(FOREGROUND)
      ? [
          invalidValue(
            FIELD,
            finalizers,
            `finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`,
          ),
        ]
      : []),
  ];
}

/** Those that two controllers may both call so. */
export function finalizerWarnings({ finalizers = [] }: ObjectMeta): string[] {
  return finalizers
    .filter(name => !name.includes('/') && !OWN.includes(name))
    .map(
      name =>
        `${FIELD}: ${JSON.stringify(
          name,
        )}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    );
}
