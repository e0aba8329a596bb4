import { useApi, useApiHolder } from '@backstage/frontend-plugin-api';
import { useMemo } from 'react';
import { PortalTokens, wasiApiRef, type WasiApi } from '../apis';

const connected = new WeakSet<WasiApi>();

/** From now on, the backend's client sends the user's own tokens to clusters that take no others. */
export function useClusterTokens(): void {
  const wasiApi = useApi(wasiApiRef);
  const apis = useApiHolder();
  // Before the first effect, which asks for modules.
  useMemo(() => {
    if (connected.has(wasiApi)) {
      return;
    }
    connected.add(wasiApi);
    wasiApi.takeTokensFrom(new PortalTokens(apis)).catch(() => {
      // The client could not be loaded, as its next call says; the next page tries again.
      connected.delete(wasiApi);
    });
  }, [wasiApi, apis]);
}
