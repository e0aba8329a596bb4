import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { wasiApiRef } from '../apis';
import { addTokenLanes, type EntityModules } from './addTokenLanes';
import { TokenLanes, type LaneStates } from './TokenLanes';
import { useClusterTokens } from './useClusterTokens';
import { useModules } from './useModules';
import { useSameEntity } from './useSame';

const NO_LANES: LaneStates = new Map();

/**
 * The modules of an entity on all clusters, also on those that show them to the
 * user's own tokens alone; kept current while the page is seen.
 */
export function useEntityModules(
  entityRef: CompoundEntityRef,
): EntityModules & {
  refresh: () => void;
  /** Asks the user for a token; what it shows is on its way when that has ended. */
  signIn: (cluster: string) => Promise<void>;
} {
  const wasiApi = useApi(wasiApiRef);
  useClusterTokens();
  const entity = useSameEntity(entityRef);
  const { state, refresh } = useModules(entity);
  const [states, setStates] = useState(NO_LANES);
  const lanes = useRef<TokenLanes>();

  useEffect(() => {
    const started = new TokenLanes({
      load: (cluster, signal) =>
        wasiApi.listModules(entity, { cluster, signal }),
      onStates: setStates,
      page: document,
      now: Date.now,
    });
    lanes.current = started;
    return () => {
      started.stop();
      setStates(NO_LANES);
    };
  }, [wasiApi, entity]);

  const wanted =
    state.phase === 'loaded'
      ? (state.answer.userTokens ?? []).map(({ cluster }) => cluster).join('\n')
      : '';
  useEffect(() => {
    lanes.current?.follow(wanted.split('\n').filter(Boolean));
  }, [wasiApi, entity, wanted]);

  const refreshAll = useCallback(() => {
    refresh();
    lanes.current?.refresh();
  }, [refresh]);
  const signIn = useCallback(
    async (cluster: string) => {
      await wasiApi.signIn(cluster);
      lanes.current?.refresh();
    },
    [wasiApi],
  );
  const modules = useMemo(() => addTokenLanes(state, states), [state, states]);
  return { ...modules, refresh: refreshAll, signIn };
}
