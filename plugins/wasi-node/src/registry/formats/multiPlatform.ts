import { WASM_CONFIG } from '../mediaTypes';
import { composeCompat } from './compat';
import type { ComposedEntry, FormatInput } from './types';
import { composeWasm, wasmOs } from './wasm';

/**
 * Two entries beside those for linux: an image that engines run for wasi/wasm,
 * and the artifact, which knative-serving-wasm takes by digest.
 *
 * https://github.com/ko-build/ko/issues/675
 */
export async function composeMultiPlatform(
  input: FormatInput,
): Promise<ComposedEntry[]> {
  return [
    {
      ...(await composeCompat(input)),
      platform: { os: 'wasi', architecture: 'wasm' },
    },
    {
      ...(await composeWasm(input)),
      platform: { os: wasmOs(input.inspection), architecture: 'wasm' },
      artifactType: WASM_CONFIG,
    },
  ];
}
