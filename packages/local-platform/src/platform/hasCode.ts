/**
 * Tells an error of the operating system by its code.
 *
 * Not by `instanceof`: a test runner's errors come from another realm.
 *
 * @internal
 */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    codes.includes(error.code)
  );
}
