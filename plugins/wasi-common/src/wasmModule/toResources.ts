import type { FuncConfig } from '../funcYaml';
import type { ModuleInspection } from '../inspection';
import { findRuntime } from '../runtimes';
import { estimateCompileMemory } from './compileMemory';
import { parseQuantity } from './parseQuantity';
import type { ResourceRequirements } from './types';

const MEBIBYTE = 1024 ** 2;
const STEP = 64 * MEBIBYTE;

/**
 * The resources of a func.yaml; a memory limit that it does not set is what
 * compiling a module of its runtime takes, and of its size where that is known.
 *
 * @internal
 */
export function toResources(
  config: FuncConfig,
  inspection: Pick<ModuleInspection, 'size' | 'sections'> | undefined,
): ResourceRequirements | undefined {
  const { requests = {}, limits = {} } = config.deploy.options.resources ?? {};
  const { concurrency: _, ...podLimits } = limits;
  const memory =
    podLimits.memory === undefined
      ? defaultMemory(config.runtime, inspection)
      : undefined;
  // A limit below what is requested would be refused by the cluster.
  const fits =
    memory !== undefined &&
    (parseQuantity(requests.memory ?? '') ?? 0) <= parseQuantity(memory)!;
  if (fits) {
    podLimits.memory = memory;
  }
  const resources = {
    ...(hasKeys(requests) && { requests }),
    ...(hasKeys(podLimits) && { limits: podLimits }),
  };
  return hasKeys(resources) ? resources : undefined;
}

function defaultMemory(
  runtimeName: string,
  inspection: Pick<ModuleInspection, 'size' | 'sections'> | undefined,
): string | undefined {
  const usual = findRuntime(runtimeName)?.memoryLimit;
  if (!inspection) {
    return usual;
  }
  const needed = estimateCompileMemory(inspection);
  return needed <= (parseQuantity(usual ?? '') ?? 0)
    ? usual
    : `${(Math.ceil(needed / STEP) * STEP) / MEBIBYTE}Mi`;
}

function hasKeys(value: object): boolean {
  return Object.keys(value).length > 0;
}
