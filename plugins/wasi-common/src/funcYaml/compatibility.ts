import { findRuntime } from '../runtimes';
import type { FuncBuilder, FuncDeployer } from './types';

/**
 * The two kinds of function: those that run as WebAssembly, and func's own containers.
 *
 * @public
 */
export type RuntimeFamily = 'wasi' | 'container';

/**
 * Builders and deployers that fit each kind of function, the inferred one first.
 *
 * @public
 */
export const compatibility: Record<
  RuntimeFamily,
  { builders: readonly FuncBuilder[]; deployers: readonly FuncDeployer[] }
> = {
  wasi: { builders: ['wasm'], deployers: ['wasm'] },
  container: {
    builders: ['pack', 's2i'],
    deployers: ['knative', 'raw', 'keda'],
  },
};

/**
 * The runtimes that func itself builds as containers.
 *
 * @public
 */
export const containerRuntimes: readonly string[] = [
  'go',
  'node',
  'python',
  'quarkus',
  'rust',
  'springboot',
  'typescript',
];

/**
 * Which kind of function a runtime makes; undefined for an unknown one.
 *
 * @public
 */
export function runtimeFamily(runtime: string): RuntimeFamily | undefined {
  if (findRuntime(runtime)) {
    return 'wasi';
  }
  return containerRuntimes.includes(runtime) ? 'container' : undefined;
}
