import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  ModuleListAnswer,
  ModulesChangedSignal,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback } from 'react';
import { wasiApiRef } from '../apis';
import { isConcerned } from './isConcerned';
import type { ModulesState } from './LiveState';
import { useLive } from './useLive';

const PACE = { paceOf: paceOfModules, concerns: concernsModules };

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

/** The modules shown and those looked for in vain. */
export function concernsModules(
  { items, missing }: ModuleListAnswer,
  signal: ModulesChangedSignal,
): boolean {
  return isConcerned([...items.map(({ ref }) => ref), ...missing], signal);
}

/** A cluster comes back, and a rollout has many steps. */
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
