import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * A module without what only repeats it: managedFields, and what kubectl last
 * applied.
 *
 * @internal
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
 * When somebody last wrote to the module other than its status; managedFields
 * alone tell it.
 *
 * @internal
 */
export function latestChange(module: WasmModule): string | undefined {
  return module.metadata.managedFields
    ?.filter(({ subresource }) => subresource !== 'status')
    .flatMap(({ time }) => (time ? [time] : []))
    .sort()
    .at(-1);
}

/** As {@link leanModule}, but {@link latestChange} can still be told. @internal */
export function lightModule(module: WasmModule): WasmModule {
  const time = latestChange(module);
  const lean = leanModule(module);
  return time === undefined
    ? lean
    : { ...lean, metadata: { ...lean.metadata, managedFields: [{ time }] } };
}
