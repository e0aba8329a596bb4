import { join } from 'node:path';
import {
  formatImageReference,
  isWasiError,
  parseImageReference,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { BuildRun } from './types';

const SCHEME = 'oci://';

/**
 * Gets the module of an image, such as `oci://ghcr.io/team/hello:1.0`, from a
 * registry that `wasi.registries` lists.
 *
 * @returns Path of the file.
 * @internal
 */
export async function fetchImage(
  run: BuildRun,
  source: string,
): Promise<string> {
  const reference = formatImageReference(
    parseImageReference(source.slice(SCHEME.length)),
  );
  const timeout = AbortSignal.timeout(run.timeLeft());
  const signal = run.signal ? AbortSignal.any([timeout, run.signal]) : timeout;
  const target = join(run.scratch, 'download.wasm');
  run.log(`Pull ${reference}`);
  try {
    // The portal's credentials may read more than the person at the form.
    if (!(await run.registry.canPullAnonymously(reference, { signal }))) {
      throw new WasiError('IMAGE_NOT_ANONYMOUS', {
        message: `${reference} is not there, or cannot be pulled without a login.`,
        remedy:
          'Check repository and tag, and that everybody may pull the image.',
      });
    }
    await run.registry.pull(reference, target, {
      maxBytes: run.config.build.maxModuleBytes,
      signal,
    });
    return target;
  } catch (error) {
    if (run.signal?.aborted) {
      throw new WasiError('BUILD_ABORTED', {
        message: 'The download was cancelled.',
      });
    }
    if (timeout.aborted && isWasiError(error)) {
      throw new WasiError('BUILD_TIMEOUT', {
        message: `Pulling ${reference} took longer than a build may.`,
        cause: error,
      });
    }
    throw error;
  }
}

/**
 * Tells if `build.source` names an image.
 *
 * @internal
 */
export function isImageSource(source: string | undefined): source is string {
  return source?.startsWith(SCHEME) ?? false;
}
