import { resolvePackagePath } from '@backstage/backend-plugin-api';

/**
 * Where a program of ours lies that runs in a process of its own.
 *
 * @internal
 */
export function assetPath(name: string): string {
  return resolvePackagePath(
    '@wasi-functions/backstage-plugin-wasi-node',
    'assets',
    'run',
    name,
  );
}
