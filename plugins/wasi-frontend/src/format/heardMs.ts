import type { ModuleView } from '@wasi-functions/backstage-plugin-wasi-common';

/** When the cluster of these modules was last heard, in milliseconds. */
export function heardMs(modules: readonly ModuleView[]): number {
  return Math.max(...modules.map(({ observedAt }) => Date.parse(observedAt)));
}
