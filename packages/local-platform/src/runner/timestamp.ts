/**
 * An instant as Kubernetes writes it: whole seconds, UTC.
 *
 * @internal
 */
export function timestamp(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}
