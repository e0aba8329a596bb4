import {
  describeConflict,
  WasiError,
  type FieldChange,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * Refuses to take fields of others without being told to.
 *
 * @throws `WasiError` FIELD_MANAGER_CONFLICT with both owners and both values of each.
 * @internal
 */
export function refuseConflicts(
  ref: ModuleRef,
  conflicts: FieldChange[],
): void {
  if (conflicts.length === 0) {
    return;
  }
  const findings = conflicts.map(describeConflict);
  throw new WasiError('FIELD_MANAGER_CONFLICT', {
    message: `WasmModule ${ref.namespace}/${ref.name} on cluster "${
      ref.cluster
    }" was not changed. ${findings.map(({ message }) => message).join(' ')}`,
    remedy: 'Change it there, or use `force` to take it over.',
    findings,
    conflicts,
  });
}
