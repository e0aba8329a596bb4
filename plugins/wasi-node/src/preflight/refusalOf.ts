import {
  isWasiError,
  type Finding,
  type WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';

const REFUSALS: readonly WasiErrorCode[] = [
  'CRD_MISSING',
  'MODULE_INVALID',
  'NAMESPACE_MISSING',
  'NAMESPACE_QUOTA_EXCEEDED',
  'NAMESPACE_TERMINATING',
];

/**
 * What a cluster refuses a dry run for, as findings of the plan; any other
 * failure stays one.
 *
 * @public
 */
export function refusalOf(error: unknown): Finding[] {
  if (!isWasiError(error) || !REFUSALS.includes(error.code)) {
    throw error;
  }
  const { code, message, remedy, findings } = error;
  return findings?.length
    ? findings
    : [{ code, severity: 'error', message, remedy }];
}
