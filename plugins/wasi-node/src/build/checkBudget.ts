import { stat } from 'node:fs/promises';
import {
  catalogue,
  formatBytes,
  parseQuantity,
  WasiError,
  type Finding,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { inspectModule } from '../inspect';
import type { BuildRun } from './types';

/** Parts that are named, largest first, when a module is too large. */
const MAX_PARTS = 3;

/**
 * Holds a module to its size budget: that of func.yaml, and that of the portal
 * for the runtime, which func.yaml can lower and not raise.
 *
 * @returns A warning where it is larger and `wasi.build.overBudget` lets it pass.
 * @throws `WasiError` MODULE_OVER_BUDGET where that says `fail`.
 * @internal
 */
export async function checkBudget(
  { funcConfig, runtime, config, log }: BuildRun,
  path: string,
): Promise<Finding[]> {
  const { size } = await stat(path);
  const { sizeBudgets = {}, overBudget = 'warn' } = config.build;
  const { sizeBudget } = funcConfig.build;
  const budgets = [
    { bytes: parseQuantity(sizeBudget ?? ''), of: 'func.yaml' },
    {
      bytes: Object.hasOwn(sizeBudgets, runtime.name)
        ? sizeBudgets[runtime.name]
        : undefined,
      of: `this portal for ${runtime.name}`,
    },
  ];
  const exceeded = budgets.flatMap(({ bytes, of }) =>
    bytes !== undefined && size > bytes
      ? [`${formatBytes(bytes)} (${of})`]
      : [],
  );
  if (exceeded.length === 0) {
    return [];
  }
  const { sections } = await inspectModule(path);
  const largest = sections
    .slice(0, MAX_PARTS)
    .map(section => `${section.name} ${formatBytes(section.size)}`)
    .join(', ');
  const message = `The module has ${formatBytes(
    size,
  )}; its budget is ${exceeded.join(' and ')}. Its largest parts: ${largest}.`;
  const { remedy } = catalogue.MODULE_OVER_BUDGET;
  const finding: Finding = {
    code: 'MODULE_OVER_BUDGET',
    severity: overBudget === 'fail' ? 'error' : 'warning',
    message,
    remedy,
    ...(sizeBudget !== undefined && { path: 'build.sizeBudget' }),
  };
  log(`${message} ${remedy}`);
  if (overBudget === 'fail') {
    throw new WasiError('MODULE_OVER_BUDGET', {
      message,
      remedy,
      findings: [finding],
    });
  }
  return [finding];
}
