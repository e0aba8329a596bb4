import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  isWasiError,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { inspectModule } from '../inspect';
import type { ModuleRegistry } from '../registry';
import type { PublicImages } from './types';

/**
 * Reads images of the registries that the configuration lists, without an account.
 *
 * @public
 */
export function createPublicImages(options: {
  registry: Pick<ModuleRegistry, 'describe' | 'pull'>;
  /** Larger modules are refused unread. */
  maxModuleBytes: number;
  inspect?: typeof inspectModule;
}): PublicImages {
  const { registry, maxModuleBytes, inspect = inspectModule } = options;
  return {
    async describe(image, { signal } = {}) {
      try {
        return await registry.describe({ image }, { signal });
      } catch (error) {
        if (
          isWasiError(error) &&
          (error.code === 'REGISTRY_UNAUTHENTICATED' ||
            error.code === 'REGISTRY_FORBIDDEN')
        ) {
          throw new WasiError('IMAGE_NOT_ANONYMOUS', {
            message: `${image} cannot be pulled without an account, and the runner has none.`,
            cause: error,
          });
        }
        throw error;
      }
    },

    async inspect(image, { signal } = {}) {
      const directory = await mkdtemp(join(tmpdir(), 'wasi-image-'));
      try {
        const path = join(directory, 'module.wasm');
        await registry.pull({ image }, path, {
          maxBytes: maxModuleBytes,
          signal,
        });
        return await inspect(path, { maxBytes: maxModuleBytes });
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}
