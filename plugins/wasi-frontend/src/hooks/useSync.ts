import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ModulesChangedSignal,
  SyncView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback } from 'react';
import { wasiApiRef } from '../apis';
import { isConcerned } from './isConcerned';
import type { LiveState } from './LiveState';
import { useLive } from './useLive';
import { useSameEntity } from './useSame';

const PACE = {
  paceOf: ({ targets }: SyncView) =>
    targets.some(({ state }) => state === 'progressing') ? 'moving' : 'settled',
  concerns: ({ targets }: SyncView, signal: ModulesChangedSignal) =>
    isConcerned(
      targets.map(({ ref }) => ref),
      signal,
    ),
  calm: true,
} as const;

/** The catalog-driven deploys of an entity, kept current. */
export function useSync(entityRef: CompoundEntityRef): {
  state: LiveState<SyncView>;
  refresh: () => void;
} {
  const wasiApi = useApi(wasiApiRef);
  const entity = useSameEntity(entityRef);
  const load = useCallback(
    (signal: AbortSignal) => wasiApi.getSync(entity, { signal }),
    [wasiApi, entity],
  );
  return useLive(load, PACE);
}
