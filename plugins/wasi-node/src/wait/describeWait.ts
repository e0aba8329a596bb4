import type {
  Condition,
  ModuleHealth,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * What was last seen of a module that did not become ready, for a person.
 *
 * @internal
 */
export function describeWait(seen: {
  condition?: Condition;
  health?: ModuleHealth;
  problem?: WasiError;
  logs: string[];
}): string {
  const { condition, health, problem, logs } = seen;
  const parts = [
    condition
      ? `Last condition: Ready=${condition.status}${
          condition.reason ? `, ${condition.reason}` : ''
        }${condition.message ? `: ${condition.message}` : ''}`
      : 'The controller has set no condition for this generation',
  ];
  if (health && health.message !== condition?.message) {
    parts.push(health.message);
  }
  if (problem) {
    parts.push(problem.message);
  }
  const text = parts.map(part => part.replace(/\.?\s*$/, '.')).join(' ');
  return logs.length > 0
    ? `${text}\nLast log lines:\n${logs.join('\n')}`
    : text;
}
