import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import type { ModuleListAnswer } from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback } from 'react';
import { wasiApiRef } from '../apis';
import type { ModulesState } from './LiveState';
import { useLive } from './useLive';

const PACE = { paceOf: paceOfModules };

/** The modules of an entity, kept current while the page is seen. */
export function useModules(entity: CompoundEntityRef): {
  state: ModulesState;
  refresh: () => void;
} {
  const wasiApi = useApi(wasiApiRef);
  const { kind, namespace, name } = entity;
  const load = useCallback(
    (signal: AbortSignal) =>
      wasiApi.listModules({ kind, namespace, name }, { signal }),
    [wasiApi, kind, namespace, name],
  );
  return useLive(load, PACE);
}

/** No signal tells that a cluster is heard again, and a rollout tells of many steps. */
export function paceOfModules(answer: ModuleListAnswer) {
  if (answer.problems.length > 0) {
    return 'troubled';
  }
  return answer.items.some(
    item =>
      item.health.state === 'progressing' ||
      item.module.metadata.deletionTimestamp,
  )
    ? 'moving'
    : 'settled';
}
