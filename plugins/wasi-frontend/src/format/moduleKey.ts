import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';

/** `cluster/namespace/name`, as signals and the page's address write it. */
export function moduleKey(ref: ModuleRef): string {
  return `${ref.cluster}/${ref.namespace}/${ref.name}`;
}
