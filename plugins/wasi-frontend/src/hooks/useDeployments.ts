import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  DeploymentListAnswer,
  ModuleRef,
  ModulesChangedSignal,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback } from 'react';
import { wasiApiRef } from '../apis';
import { isConcerned } from './isConcerned';
import type { LiveState } from './LiveState';
import { useLive } from './useLive';
import { useSameEntity, useSameModule } from './useSame';

const PACE = {
  paceOf: ({ items }: DeploymentListAnswer) =>
    items.some(({ state }) => state === 'running') ? 'moving' : 'settled',
  concerns: ({ items }: DeploymentListAnswer, signal: ModulesChangedSignal) =>
    isConcerned(
      items.map(({ ref }) => ref),
      signal,
    ),
  calm: true,
} as const;

/** One page of the history of an entity, or of one module of it, kept current. */
export function useDeployments(options: {
  entity: CompoundEntityRef;
  module?: ModuleRef;
  cursor?: string;
}): { state: LiveState<DeploymentListAnswer>; refresh: () => void } {
  const wasiApi = useApi(wasiApiRef);
  const entity = useSameEntity(options.entity);
  const module = useSameModule(options.module);
  const { cursor } = options;
  const load = useCallback(
    (signal: AbortSignal) =>
      wasiApi.listDeployments(entity, { module, cursor, signal }),
    [wasiApi, entity, module, cursor],
  );
  return useLive(load, PACE);
}
