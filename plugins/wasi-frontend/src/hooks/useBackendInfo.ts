import { useApi } from '@backstage/frontend-plugin-api';
import type { BackendInfo } from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback } from 'react';
import { wasiApiRef } from '../apis';
import { useLoad } from './useLoad';
import type { Loadable } from './Loadable';

/** Runtimes, clusters and registries that the backend offers. */
export function useBackendInfo(): {
  state: Loadable<BackendInfo>;
  reload: () => void;
} {
  const wasiApi = useApi(wasiApiRef);
  const load = useCallback(
    (signal: AbortSignal) => wasiApi.getInfo({ signal }),
    [wasiApi],
  );
  return useLoad(load);
}
