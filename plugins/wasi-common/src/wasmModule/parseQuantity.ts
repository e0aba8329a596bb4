const FACTORS: Record<string, number> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
  Ei: 1024 ** 6,
};

/**
 * Reads a Kubernetes quantity, such as `128Mi`, `100m` or `1e9`, as a number
 * of bytes or cores.
 *
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 *
 * @returns undefined where it is none
 * @public
 */
export function parseQuantity(quantity: string | number): number | undefined {
  const [, digits, exponent, suffix] =
    /^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([eE][+-]?[0-9]+)|([mkMGTPE]|[KMGTPE]i))?$/.exec(
      String(quantity),
    ) ?? [];
  return digits === undefined
    ? undefined
    : Number(`${digits}${exponent ?? ''}`) * FACTORS[suffix ?? ''];
}
