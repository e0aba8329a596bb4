const UNITS: Record<string, number> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * Reads a Kubernetes quantity such as `256Mi`; undefined where it is none.
 *
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 *
 * @internal
 */
export function parseQuantity(value: string | number): number | undefined {
  const match =
    /^\+?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:([eE][+-]?[0-9]+)|([mkMGTPE]|[KMGTPE]i))?$/.exec(
      String(value).trim(),
    );
  if (!match) {
    return undefined;
  }
  const [, digits, exponent = '', unit = ''] = match;
  return Math.ceil(Number(digits + exponent) * UNITS[unit]);
}
