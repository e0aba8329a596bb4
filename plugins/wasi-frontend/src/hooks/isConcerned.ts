import type {
  ModuleRef,
  ModulesChangedSignal,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { moduleKey } from '../format';

/** Whether a signal may be about what shows these modules, and maybe gets others. */
export function isConcerned(
  shown: readonly ModuleRef[],
  signal: ModulesChangedSignal,
): boolean {
  const { modules, many, moved, clusters = [] } = signal;
  return (
    Boolean(many || moved) ||
    clusters.length > 0 ||
    // One that names nothing says that something is new.
    modules.length === 0 ||
    shown.some(ref => modules.includes(moduleKey(ref)))
  );
}
