import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Descriptor } from './descriptor';
import { WASM_CONFIG } from './mediaTypes';

/** The most telling first: an artifact says what it is, an image only how it is run. */
const systems = ['wasip2', 'wasip1', 'wasi', 'js'];

/** Whether an entry of an index is for WebAssembly. */
export function isWasmPlatform(entry: Descriptor): boolean {
  return (
    /^wasm(32|64)?$/.test(entry.platform?.architecture ?? '') ||
    entry.artifactType === WASM_CONFIG
  );
}

/**
 * Chooses the entry of an index that holds the module.
 *
 * @param platform - `os/architecture`, where a certain one is asked for.
 * @throws WasiError `IMAGE_WITHOUT_MODULE`
 */
export function chooseEntry(
  entries: readonly Descriptor[],
  { name, platform }: { name: string; platform?: string },
): Descriptor {
  const known = entries.map(platformOf).join(', ') || 'nothing';
  if (platform !== undefined) {
    const [wanted] = entries.filter(entry => platformOf(entry) === platform);
    if (!wanted) {
      throw new WasiError('IMAGE_WITHOUT_MODULE', {
        message: `${name} is an index without ${platform}; it has ${known}`,
        remedy: 'Name one of these platforms.',
      });
    }
    return wanted;
  }
  const [best] = entries
    .filter(isWasmPlatform)
    .sort((a, b) => rankOf(a) - rankOf(b));
  const only = entries.length === 1 && !entries[0].platform && entries[0];
  const chosen = best ?? only;
  if (!chosen) {
    throw new WasiError('IMAGE_WITHOUT_MODULE', {
      message: `${name} is an index without a WebAssembly platform; it has ${known}`,
    });
  }
  return chosen;
}

/** `os/architecture`, with the variant where there is one. */
export function platformOf({ platform }: Descriptor): string {
  return platform
    ? [platform.os, platform.architecture, platform.variant]
        .filter(Boolean)
        .join('/')
    : 'an entry without platform';
}

function rankOf({ platform }: Descriptor): number {
  const rank = systems.indexOf(platform?.os ?? '');
  return rank < 0 ? systems.length : rank;
}
