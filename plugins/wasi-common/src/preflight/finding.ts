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

/** Some names of many, for a message of one line. @internal */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(name => name.slice(0, 100));
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : shown.join(', ');
}
