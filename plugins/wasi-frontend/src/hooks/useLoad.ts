import { useCallback, useEffect, useRef, useState } from 'react';
import type { Loadable } from './Loadable';
import { toWasiError } from './toWasiError';

/**
 * Fetches once per `load` function, and again on `reload`; what is there stays
 * while it is fetched again.
 *
 * @param load - Must be stable (`useCallback`); `undefined` waits.
 */
export function useLoad<T>(
  load: ((signal: AbortSignal) => Promise<T>) | undefined,
): { state: Loadable<T>; reload: () => void } {
  const [state, setState] = useState<Loadable<T>>({
    phase: load ? 'loading' : 'idle',
  });
  const [attempt, setAttempt] = useState(0);
  const loadedBy = useRef<typeof load>();

  useEffect(() => {
    if (!load) {
      setState({ phase: 'idle' });
      return undefined;
    }
    const abort = new AbortController();
    const sameSubject = loadedBy.current === load;
    loadedBy.current = load;
    setState(before =>
      sameSubject && before.phase === 'loaded'
        ? { ...before, reloading: true }
        : { phase: 'loading' },
    );
    load(abort.signal).then(
      value => {
        if (!abort.signal.aborted) {
          setState({ phase: 'loaded', value });
        }
      },
      error => {
        if (!abort.signal.aborted) {
          setState({ phase: 'failed', error: toWasiError(error) });
        }
      },
    );
    return () => abort.abort();
  }, [load, attempt]);

  const reload = useCallback(() => setAttempt(count => count + 1), []);
  return { state, reload };
}
