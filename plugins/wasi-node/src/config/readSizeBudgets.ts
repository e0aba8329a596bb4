import type { Config } from '@backstage/config';
import {
  findRuntime,
  parseQuantity,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from './types';

/**
 * The keys of `wasi.build` that hold modules to a size.
 *
 * @internal
 */
export function readSizeBudgets(
  build: Config | undefined,
): Pick<WasiConfig['build'], 'sizeBudgets' | 'overBudget'> {
  const budgets = build?.getOptionalConfig('sizeBudgets');
  const overBudget = build?.getOptionalString('overBudget');
  if (
    overBudget !== undefined &&
    overBudget !== 'warn' &&
    overBudget !== 'fail'
  ) {
    throw new Error(
      `wasi.build.overBudget is ${JSON.stringify(
        overBudget,
      )}; it may be warn or fail.`,
    );
  }
  return {
    ...(budgets && {
      sizeBudgets: Object.fromEntries(
        budgets
          .keys()
          .map(runtime => [runtime, readBudget(runtime, budgets)] as const),
      ),
    }),
    ...(overBudget !== undefined && { overBudget }),
  };
}

function readBudget(runtime: string, budgets: Config): number {
  const key = `wasi.build.sizeBudgets.${runtime}`;
  if (!findRuntime(runtime)) {
    throw new Error(`${key}: there is no runtime ${runtime}.`);
  }
  const text = budgets.getString(runtime);
  const bytes = parseQuantity(text) ?? 0;
  if (bytes < 1) {
    throw new Error(
      `${key} is ${JSON.stringify(text)}; write a size such as 800Ki or 15Mi.`,
    );
  }
  return bytes;
}
