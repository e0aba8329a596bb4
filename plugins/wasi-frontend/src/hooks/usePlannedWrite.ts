import type {
  PlanAnswer,
  WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useState } from 'react';
import type { Loadable } from './Loadable';
import { useLoad } from './useLoad';
import { useWork, type Work } from './useWork';

const PLANNED_AGAIN: WasiErrorCode[] = [
  'MODULE_CONFLICT',
  'FIELD_MANAGER_CONFLICT',
];

/** A write that a person sees the plan of before it is made. */
export interface PlannedWrite {
  state: Loadable<PlanAnswer>;
  /** Whether fields of others are taken over. */
  force: boolean;
  setForce: (force: boolean) => void;
  /** False where there is nothing to do, or something to decide on. */
  ready: boolean;
  work: Work;
  /** Set where it is planned again, because the module has changed since. */
  replanned: boolean;
  replan: () => void;
  /** Answers whether it was done. */
  apply: () => Promise<boolean>;
}

/**
 * Plans a write, and makes exactly what was planned: where somebody was quicker
 * it is planned again, and nothing is made before that is agreed to as well.
 *
 * @param options - `plan` must be stable (`useCallback`); `undefined` waits.
 */
export function usePlannedWrite(options: {
  plan: ((signal: AbortSignal) => Promise<PlanAnswer>) | undefined;
  perform: (agreed: { force: boolean; basis: string }) => Promise<unknown>;
}): PlannedWrite {
  const { state, reload } = useLoad(options.plan);
  const { work, start } = useWork();
  const [agreed, setAgreed] = useState<PlanAnswer>();
  const plan =
    state.phase === 'loaded' && !state.reloading ? state.value : undefined;
  // What was agreed to over one plan says nothing of the next one.
  const force = plan !== undefined && agreed === plan;
  const contested = plan !== undefined && plan.conflicts.length > 0;

  const apply = async () => {
    if (!plan) {
      return false;
    }
    return start(async () => {
      try {
        await options.perform({ force: contested, basis: plan.basis });
      } catch (error) {
        if (PLANNED_AGAIN.includes((error as { code: WasiErrorCode }).code)) {
          reload();
        }
        throw error;
      }
    });
  };

  return {
    state,
    force,
    setForce: value => setAgreed(value ? plan : undefined),
    ready:
      plan !== undefined && plan.action !== 'none' && (!contested || force),
    work,
    replanned:
      work.phase === 'failed' && PLANNED_AGAIN.includes(work.error.code),
    replan: reload,
    apply,
  };
}
