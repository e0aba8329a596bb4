import {
  WasiError,
  type Finding,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * Refuses what the controller or the runner would not run.
 *
 * @throws WasiError MODULE_INVALID with all errors of the findings.
 * @internal
 */
export function refuseUnfit(module: WasmModule, findings: Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) {
    return;
  }
  throw new WasiError('MODULE_INVALID', {
    message: `WasmModule ${module.metadata.namespace}/${
      module.metadata.name
    } would not run: ${errors.map(({ message }) => message).join(' ')}`,
    remedy: errors[0].remedy,
    findings: errors,
  });
}
