import {
  catalogue,
  type Finding,
  type Severity,
  type WasiErrorCode,
} from '../diagnosis';

/**
 * A finding about a field of the resource, with the catalogue's remedy unless
 * a better one is known.
 *
 * @internal
 */
export function finding(
  severity: Severity,
  code: WasiErrorCode,
  says: { message: string; path: string; remedy?: string },
): Finding {
  return {
    code,
    severity,
    message: says.message,
    remedy: says.remedy ?? catalogue[code].remedy,
    path: says.path,
  };
}
