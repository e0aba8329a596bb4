import {
  parseImageReference,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ControllerContext } from './ControllerContext';
import { recordEvent } from './ModuleEvents';

/**
 * Tells by an event, as the real controller, that an image comes over plain HTTP.
 *
 * @internal
 */
export function warnOfInsecureRegistry(
  { store, insecureRegistries, now }: ControllerContext,
  module: WasmModule,
): void {
  const host = hostOf(module.spec.image)?.toLowerCase();
  if (insecureRegistries.some(each => each.toLowerCase() === host)) {
    recordEvent(store, module, {
      reason: 'InsecureRegistry',
      message: `Image "${module.spec.image}" will be fetched over plain HTTP (matched insecure registry)`,
      now: now(),
    });
  }
}

function hostOf(image: string): string | undefined {
  try {
    return parseImageReference(image.replace(/^oci:\/\//i, '')).host;
  } catch {
    // The pull tells what is wrong with it.
    return undefined;
  }
}
