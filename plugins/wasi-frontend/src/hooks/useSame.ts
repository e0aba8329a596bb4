import type { CompoundEntityRef } from '@backstage/catalog-model';
import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import { useMemo } from 'react';

/**
 * A reference as the same object for as long as the same entity is meant:
 * every refresh of the page brings new objects for what it shows already.
 */
export function useSameEntity(entity: CompoundEntityRef): CompoundEntityRef {
  const { kind, namespace, name } = entity;
  return useMemo(() => ({ kind, namespace, name }), [kind, namespace, name]);
}

/** As {@link useSameEntity}, for a module. */
export function useSameModule<Ref extends ModuleRef | undefined>(
  module: Ref,
): Ref {
  const { cluster, namespace, name } = module ?? {};
  return useMemo(
    () =>
      (cluster === undefined ? undefined : { cluster, namespace, name }) as Ref,
    [cluster, namespace, name],
  );
}
