import {
  preflight,
  WasiError,
  type Finding,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * Refuses what the controller or the runner would not run.
 *
 * @internal
 */
export function refuseUnfit(module: WasmModule): WasmModule {
  const errors = preflight(module).filter(isError);
  if (errors.length === 0) {
    return module;
  }
  throw new WasiError('MODULE_INVALID', {
    message: `WasmModule ${module.metadata.namespace}/${
      module.metadata.name
    } would not run: ${errors.map(({ message }) => message).join(' ')}`,
    remedy: errors[0].remedy,
    findings: errors,
  });
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}
