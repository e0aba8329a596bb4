import type { ModuleInspection } from '../inspection';

const MEBIBYTE = 1024 ** 2;
/**
 * Fitted to the peak memory of Wasmtime on two cores (49.0, `Component::new`):
 * Go 1.8 MiB with 1.1 of code took 73 MiB, JavaScript 11.7 with 8.6 took 365,
 * Python 17.5 with 6.3 took 362; and to the runner's 34.0 for a module of next
 * to nothing, 36. `docs/benchmarks.md` tells how to measure again.
 */
const BASE_BYTES = 36 * MEBIBYTE;
const PER_BYTE_OF_CODE = 26;
const PER_BYTE = 10;

/**
 * Memory that compiling a module takes in the runner, in bytes: 36 MiB, 26 times
 * its code, and 10 times its size.
 *
 * The runner compiles a module each time a pod starts, and that takes more than
 * most modules need when they run.
 *
 * @public
 */
export function estimateCompileMemory({
  size,
  sections,
}: Pick<ModuleInspection, 'size' | 'sections'>): number {
  const code = sections.find(({ name }) => name === 'code')?.size ?? 0;
  return BASE_BYTES + PER_BYTE_OF_CODE * code + PER_BYTE * size;
}
