import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * A module without what only repeats it: managedFields, and what kubectl last
 * applied.
 *
 * @public
 */
export function leanModule(module: WasmModule): WasmModule {
  const { managedFields, annotations, ...metadata } = module.metadata;
  const { [LAST_APPLIED]: lastApplied, ...kept } = annotations ?? {};
  return {
    ...module,
    metadata: annotations ? { ...metadata, annotations: kept } : metadata,
  };
}

/**
 * Who last wrote to the module other than its status, and when; managedFields
 * alone tell it.
 *
 * @public
 */
export function latestChange(module: WasmModule): ModuleChange {
  const [latest] = (module.metadata.managedFields ?? [])
    .filter(({ subresource, time }) => subresource !== 'status' && time)
    .sort((a, b) => (a.time! < b.time! ? 1 : -1));
  return { changedBy: latest?.manager, changedAt: latest?.time };
}

/** Who wrote to a module, and when. @public */
export interface ModuleChange {
  changedBy: string | undefined;
  changedAt: string | undefined;
}

/** As {@link leanModule}, but {@link latestChange} can still be told. @internal */
export function lightModule(module: WasmModule): WasmModule {
  const { changedBy: manager, changedAt: time } = latestChange(module);
  const lean = leanModule(module);
  return time === undefined
    ? lean
    : {
        ...lean,
        metadata: { ...lean.metadata, managedFields: [{ manager, time }] },
      };
}
