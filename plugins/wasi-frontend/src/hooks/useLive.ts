import { useApiHolder } from '@backstage/frontend-plugin-api';
import { signalApiRef } from '@backstage/plugin-signals-react';
import {
  MODULES_CHANGED_CHANNEL,
  type ModulesChangedSignal,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback, useEffect, useRef, useState } from 'react';
import { LiveFeed, type LivePace } from './LiveFeed';
import type { LiveState } from './LiveState';

/**
 * Something that the backend knows, kept current while the page is seen.
 *
 * @param load - Must be stable (`useCallback`); another one is another subject.
 * @param pace - Must be stable.
 */
export function useLive<T>(
  load: (signal: AbortSignal) => Promise<T>,
  pace: LivePace<T>,
): { state: LiveState<T>; refresh: () => void } {
  // Signals are optional in a portal, so the API may be missing.
  const signalApi = useApiHolder().get(signalApiRef);
  const [state, setState] = useState<LiveState<T>>({ phase: 'loading' });
  const feed = useRef<LiveFeed<T>>();

  useEffect(() => {
    setState({ phase: 'loading' });
    const started = new LiveFeed({
      ...pace,
      load,
      subscribe: signalApi
        ? onChange => {
            const subscription = signalApi.subscribe<ModulesChangedSignal>(
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
  }, [signalApi, load, pace]);

  const refresh = useCallback(() => feed.current?.refresh(), []);
  return { state, refresh };
}
