import type { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { useState } from 'react';
import { toWasiError } from './toWasiError';

/** How something that a person has asked for goes. */
export type Work =
  | { phase: 'asking' }
  | { phase: 'working' }
  | { phase: 'failed'; error: WasiError };

/** Does what a person asks for, one at a time. */
export function useWork(): {
  work: Work;
  /** Answers whether it was done; a failure is in `work`. */
  start: (task: () => Promise<unknown>) => Promise<boolean>;
} {
  const [work, setWork] = useState<Work>({ phase: 'asking' });
  const start = async (task: () => Promise<unknown>) => {
    if (work.phase === 'working') {
      return false;
    }
    setWork({ phase: 'working' });
    try {
      await task();
      setWork({ phase: 'asking' });
      return true;
    } catch (cause) {
      setWork({ phase: 'failed', error: toWasiError(cause) });
      return false;
    }
  };
  return { work, start };
}
