import { resolvePackagePath } from '@backstage/backend-plugin-api';

/**
 * Path of what is shipped beside this package's code, for processes of their own.
 *
 * @internal
 */
export function assetPath(name: string): string {
  return resolvePackagePath(
    '@wasi-functions/backstage-plugin-wasi-node',
    'assets',
    name,
  );
}
