import { useCallback, useEffect, useRef, useState } from 'react';
import type { Loadable } from './Loadable';
import { toWasiError } from './toWasiError';

const RETRY_MS = 5_000;

/**
 * Fetches once per `load` function, and again on `reload`; what is there stays
 * while it is fetched again. What could not be reached is tried again by itself.
 *
 * @param load - Must be stable (`useCallback`); `undefined` waits.
 */
export function useLoad<T>(
  load: ((signal: AbortSignal) => Promise<T>) | undefined,
): { state: Loadable<T>; reload: () => void } {
  const [state, setState] = useState<Loadable<T>>({
    phase: load ? 'loading' : 'idle',
  });
  const [attempt, setAttempt] = useState({ count: 0, byItself: false });
  const loadedBy = useRef<typeof load>();

  useEffect(() => {
    if (!load) {
      setState({ phase: 'idle' });
      return undefined;
    }
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const sameSubject = loadedBy.current === load;
    loadedBy.current = load;
    setState(before => {
      if (sameSubject && before.phase === 'loaded') {
        return { ...before, reloading: true };
      }
      return sameSubject && before.phase === 'failed' && attempt.byItself
        ? before
        : { phase: 'loading' };
    });
    load(abort.signal).then(
      value => {
        if (!abort.signal.aborted) {
          setState({ phase: 'loaded', value });
        }
      },
      error => {
        if (!abort.signal.aborted) {
          const failure = toWasiError(error);
          setState({ phase: 'failed', error: failure });
          if (failure.name === 'ServiceUnavailableError') {
            timer = setTimeout(
              () =>
                setAttempt(({ count }) => ({
                  count: count + 1,
                  byItself: true,
                })),
              RETRY_MS,
            );
          }
        }
      },
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [load, attempt]);

  const reload = useCallback(
    () => setAttempt(({ count }) => ({ count: count + 1, byItself: false })),
    [],
  );
  return { state, reload };
}
