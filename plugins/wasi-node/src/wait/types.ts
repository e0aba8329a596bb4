import type {
  Condition,
  ModuleHealth,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { BackOff, ModuleName, WasmModuleClient } from '../cluster';

/** What to wait for, and for how long. @public */
export interface WaitForModuleOptions {
  client: WasmModuleClient;
  ref: ModuleName;
  /** Generation that must be ready; conditions of an earlier one do not count. */
  generation: number;
  timeoutMs: number;
  signal?: AbortSignal;
  /** Called whenever the condition `Ready`, or what it means, has changed. */
  onCondition?: (
    condition: Condition | undefined,
    health: ModuleHealth,
  ) => void;
  backOff?: BackOff;
}
