import type { Config } from '@backstage/config';
import { z } from 'zod';

const schema = z.record(z.string(), z.array(z.string().min(1)).min(1));

/**
 * `wasi.watch.namespaces`: by cluster, those to watch one by one.
 *
 * @internal
 */
export function readWatchedNamespaces(
  wasi: Config | undefined,
): Record<string, string[]> {
  const given = schema.safeParse(wasi?.getOptional('watch.namespaces') ?? {});
  if (!given.success) {
    throw new Error(
      'wasi.watch.namespaces names, for each cluster, a list of namespaces, e.g. `prod: [shop, bank]`.',
    );
  }
  return given.data;
}
