/**
 * What Kubernetes takes for the value of a label.
 *
 * @internal
 */
export function isLabelValue(value: string): boolean {
  return (
    value.length <= 63 &&
    /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)
  );
}
