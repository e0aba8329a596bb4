import { runtimes } from './runtimes';
import type { Runtime } from './types';

/**
 * The runtime of this name, as func.yaml writes it.
 *
 * @public
 */
export function findRuntime(name: string): Runtime | undefined {
  return runtimes.find(runtime => runtime.name === name);
}
