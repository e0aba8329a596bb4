import { type Finding, WasiError } from '../diagnosis';
import type { WasmModule } from './types';
import { wasmModuleSchema } from './wasmModuleSchema';

/**
 * Reads a WasmModule from a cluster, a request or a file.
 *
 * @throws {@link WasiError} `MODULE_INVALID` with one finding per wrong field
 * @public
 */
export function parseWasmModule(value: unknown): WasmModule {
  const result = wasmModuleSchema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  const findings = result.error.issues.map((issue): Finding => {
    const path = printPath(issue.path);
    return {
      code: 'MODULE_INVALID',
      severity: 'error',
      // Of the issue only its own words: the value may be a secret.
      message: `${path || 'The resource'}: ${issue.message}`,
      remedy: 'Correct the field named.',
      ...(path !== '' && { path }),
    };
  });
  throw new WasiError('MODULE_INVALID', {
    message: `This is no valid WasmModule: ${findings
      .map(finding => finding.message)
      .join('; ')}`,
    findings,
  });
}

function printPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') {
        return `[${part}]`;
      }
      return index === 0 ? String(part) : `.${String(part)}`;
    })
    .join('');
}
