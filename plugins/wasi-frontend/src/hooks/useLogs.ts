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
import { useSameEntity, useSameModule } from './useSame';

/** The last log lines of a module, fetched on demand. */
export function useLogs(options: {
  entity: CompoundEntityRef;
  module: ModuleRef;
}): { state: Loadable<LogsAnswer>; reload: () => void } {
  const wasiApi = useApi(wasiApiRef);
  const entity = useSameEntity(options.entity);
  const module = useSameModule(options.module);
  const load = useCallback(
    (signal: AbortSignal) => wasiApi.getLogs(entity, module, { signal }),
    [wasiApi, entity, module],
  );
  return useLoad(load);
}
