/**
 * What Node must be told to run all that the runner runs.
 *
 * Node 20 takes extended constant expressions, which modules of Python hold, only
 * on demand; later versions do so by themselves and know no such flag.
 *
 * @internal
 */
export const wasmFlags: readonly string[] = process.versions.node.startsWith(
  '20.',
)
  ? ['--experimental-wasm-extended-const']
  : [];
