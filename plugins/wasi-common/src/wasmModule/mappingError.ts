import { catalogue, type Finding, type WasiErrorCode } from '../diagnosis';

/**
 * What keeps a func.yaml from becoming a WasmModule.
 *
 * @internal
 */
export function mappingError(
  code: WasiErrorCode,
  message: string,
  path: string,
): Finding {
  const { remedy } = catalogue[code];
  return { code, severity: 'error', message, remedy, path };
}
