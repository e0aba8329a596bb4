import type { WasiConfig } from '../../config';

/** Compilers start as many as there are processors, and some more. */
const MAX_PROCESSES = 256;

/**
 * What one build may take.
 *
 * @internal
 */
export interface BuildLimits {
  processes: number;
  memoryBytes: number;
  diskBytes: number;
  /** Processors; undefined where it may take all of them. */
  cpus?: number;
}

/**
 * The limits of `wasi.build`; what is absent there is not limited.
 *
 * @internal
 */
export function buildLimits({ build }: Pick<WasiConfig, 'build'>): BuildLimits {
  return {
    processes: build.maxProcesses ?? MAX_PROCESSES,
    memoryBytes: build.maxMemoryBytes ?? Infinity,
    diskBytes: build.maxWorkspaceBytes ?? Infinity,
    cpus: build.maxCpus,
  };
}
