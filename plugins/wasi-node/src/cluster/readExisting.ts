import {
  isWasiError,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleName, WasmModuleClient } from './types';

/**
 * A module of a cluster as the API server has it; nothing where there is none.
 *
 * @public
 */
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
