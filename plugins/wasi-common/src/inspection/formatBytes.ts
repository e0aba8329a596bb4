const UNITS = ['KiB', 'MiB', 'GiB'];

/**
 * Bytes as a person reads them, e.g. `12.3 MiB`.
 *
 * @public
 */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) {
    return `${bytes} B`;
  }
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${
    UNITS[unit]
  }`;
}
