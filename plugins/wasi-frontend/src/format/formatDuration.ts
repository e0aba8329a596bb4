/** A duration as a person reads it, e.g. `12 ms` or `1.4 s`. */
export function formatDuration(durationMs: number): string {
  return durationMs < 1000
    ? `${Math.round(durationMs)} ms`
    : `${(durationMs / 1000).toFixed(1)} s`;
}
