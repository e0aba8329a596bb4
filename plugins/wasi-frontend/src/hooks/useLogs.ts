import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  LogsAnswer,
  ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback } from 'react';
import { wasiApiRef } from '../apis';
import { useLoad } from './useLoad';
import type { Loadable } from './Loadable';

/** The last log lines of a module, fetched on demand. */
export function useLogs(options: {
  entity: CompoundEntityRef;
  module: ModuleRef;
}): { state: Loadable<LogsAnswer>; reload: () => void } {
  const wasiApi = useApi(wasiApiRef);
  const { kind, namespace, name } = options.entity;
  const {
    cluster,
    namespace: moduleNamespace,
    name: moduleName,
  } = options.module;
  const load = useCallback(
    (signal: AbortSignal) =>
      wasiApi.getLogs(
        { kind, namespace, name },
        { cluster, namespace: moduleNamespace, name: moduleName },
        { signal },
      ),
    [wasiApi, kind, namespace, name, cluster, moduleNamespace, moduleName],
  );
  return useLoad(load);
}
