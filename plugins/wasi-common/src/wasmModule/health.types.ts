import type { WasiErrorCode } from '../diagnosis';

/**
 * How a module is, in one word; `idle` is ready too, but scaled to zero.
 *
 * @public
 */
export type HealthState =
  | 'ready'
  | 'idle'
  | 'progressing'
  | 'degraded'
  | 'failed'
  | 'unknown';

/**
 * Health of a module with the reason a user reads and what to do next.
 *
 * @public
 */
export interface ModuleHealth {
  state: HealthState;
  /** Reason of the condition that decided, as the controller wrote it. */
  reason?: string;
  /** One sentence for a portal user. */
  message: string;
  /** Set unless the state is `ready` or `idle`. */
  code?: WasiErrorCode;
  /** What to do next; set whenever `code` is. */
  remedy?: string;
}
