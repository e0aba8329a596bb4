/**
 * A resource version as a number to compare; undefined where it is none.
 *
 * Versions of one resource are decimal numbers that grow:
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 *
 * @internal
 */
export function toVersion(text = ''): bigint | undefined {
  return /^\d+$/.test(text) ? BigInt(text) : undefined;
}
