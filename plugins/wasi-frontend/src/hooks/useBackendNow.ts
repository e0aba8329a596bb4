import type { ModulesState } from './LiveState';
import { useNow } from './useNow';

/** The time by the clock of the backend, which dated what is shown; the browser's may be off. */
export function useBackendNow(state: ModulesState): number {
  return useNow() + backendAheadMs(state);
}

function backendAheadMs(state: ModulesState): number {
  const answeredAt =
    state.phase === 'loaded' ? Date.parse(state.answer.answeredAt ?? '') : NaN;
  return state.phase !== 'loaded' || Number.isNaN(answeredAt)
    ? 0
    : answeredAt - state.receivedAt;
}
