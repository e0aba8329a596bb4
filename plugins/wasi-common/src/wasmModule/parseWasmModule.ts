import { type Finding, WasiError } from '../diagnosis';
import type { WasmModule } from './types';
import { wasmModuleSchema } from './wasmModuleSchema';

const MAX_FINDINGS = 100;
const MAX_PATH_LENGTH = 200;

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
  const { issues } = result.error;
  const findings = issues.slice(0, MAX_FINDINGS).map((issue): Finding => {
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
    message: `This is no valid WasmModule: ${[
      ...findings.slice(0, 10).map(finding => finding.message),
      ...(issues.length > 10 ? [`and ${issues.length - 10} more`] : []),
    ].join('; ')}`,
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
    .join('')
    .slice(0, MAX_PATH_LENGTH);
}
