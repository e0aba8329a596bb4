import type { CompoundEntityRef } from '@backstage/catalog-model';
import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import { useMemo } from 'react';

/**
 * A module of an entity, as the same objects for as long as the same one is
 * meant: every refresh of the page brings new objects for what it shows already.
 */
export function useSameModule(options: {
  entity: CompoundEntityRef;
  module: ModuleRef;
}): { entity: CompoundEntityRef; module: ModuleRef } {
  const { kind, namespace, name } = options.entity;
  const {
    cluster,
    namespace: moduleNamespace,
    name: moduleName,
  } = options.module;
  return useMemo(
    () => ({
      entity: { kind, namespace, name },
      module: { cluster, namespace: moduleNamespace, name: moduleName },
    }),
    [kind, namespace, name, cluster, moduleNamespace, moduleName],
  );
}
