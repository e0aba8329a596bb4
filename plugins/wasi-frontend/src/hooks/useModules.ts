import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi, useApiHolder } from '@backstage/frontend-plugin-api';
import { signalApiRef } from '@backstage/plugin-signals-react';
import { MODULES_CHANGED_CHANNEL } from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback, useEffect, useRef, useState } from 'react';
import { wasiApiRef } from '../apis';
import { ModulesFeed } from './ModulesFeed';
import type { ModulesState } from './ModulesState';

/** The modules of an entity, kept current while the page is seen. */
export function useModules(entity: CompoundEntityRef): {
  state: ModulesState;
  refresh: () => void;
} {
  const wasiApi = useApi(wasiApiRef);
  // Signals are optional in a portal, so the API may be missing.
  const signalApi = useApiHolder().get(signalApiRef);
  const { kind, namespace, name } = entity;
  const [state, setState] = useState<ModulesState>({ phase: 'loading' });
  const feed = useRef<ModulesFeed>();

  useEffect(() => {
    setState({ phase: 'loading' });
    const started = new ModulesFeed({
      load: signal =>
        wasiApi.listModules({ kind, namespace, name }, { signal }),
      subscribe: signalApi
        ? onChange => {
            const subscription = signalApi.subscribe(
              MODULES_CHANGED_CHANNEL,
              onChange,
            );
            return () => subscription.unsubscribe();
          }
        : undefined,
      onState: setState,
      page: document,
      now: Date.now,
    });
    feed.current = started;
    started.start();
    return () => started.stop();
  }, [wasiApi, signalApi, kind, namespace, name]);

  const refresh = useCallback(() => feed.current?.refresh(), []);
  return { state, refresh };
}
