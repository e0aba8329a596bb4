import {
  WasiError,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * The address of a path at a module, always at the origin that the cluster
 * says the module has.
 *
 * @internal
 */
export function readModuleAddress(module: WasmModule, path: string): URL {
  const { name, namespace } = module.metadata;
  const what = `WasmModule ${namespace}/${name}`;
  const address = module.status?.address?.url;
  const ready = module.status?.conditions?.some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
  // The controller leaves the address in place when a module is no longer ready.
  if (!address || !ready) {
    throw new WasiError('INVOKE_NOT_READY', {
      message: `${what} is not ready, so it cannot be called.`,
    });
  }
  const base = parse(address);
  if (!base || !['http:', 'https:'].includes(base.protocol)) {
    throw new WasiError('INVOKE_FAILED', {
      message: `${what} has an address that is not http or https.`,
    });
  }
  const url = new URL(base.origin);
  // Set, not resolved: no path can name another origin.
  const [pathname, ...query] = path.split('?');
  url.pathname = pathname;
  url.search = query.join('?');
  return url;
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
