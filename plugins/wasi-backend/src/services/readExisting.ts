import {
  isWasiError,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ModuleName,
  WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';

/** A module of a cluster; nothing where there is none. @internal */
export async function readExisting(
  client: WasmModuleClient,
  ref: ModuleName,
  signal?: AbortSignal,
): Promise<WasmModule | undefined> {
  try {
    return await client.get(ref, { signal });
  } catch (error) {
    if (isWasiError(error) && error.code === 'MODULE_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}
