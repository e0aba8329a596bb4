import { composeImage } from './compat';
import type { ComposedArtifact, FormatInput } from './types';

/**
 * A plugin for Istio's WasmPlugin, which looks for a file of this name.
 *
 * https://github.com/solo-io/wasm/blob/master/spec/spec-compat.md
 */
export function composeIstioCompat(
  input: FormatInput,
): Promise<ComposedArtifact> {
  return composeImage(input, { path: 'plugin.wasm', run: {} });
}
