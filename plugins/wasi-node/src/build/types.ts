import type {
  Finding,
  FuncConfig,
  Runtime,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../config';
import type { ModuleRegistry } from '../registry';
import type { Toolchains } from '../toolchains';
import type { BuildPhase, BuildProgress } from './BuildProgress';
import type { FetchFile } from './fetchFile';
import type { BuildPlace } from './runners';

/**
 * A module that was built, and that the runner can serve.
 *
 * @public
 */
export interface BuiltModule {
  /** Absolute, inside the function's folder. */
  path: string;
  /** Bytes. */
  size: number;
  /** Bytes before it was optimised; absent where that was not done now. */
  sizeBefore?: number;
  durationMs: number;
  /** What took how long, in the order it began. */
  phases: { name: BuildPhase; durationMs: number }[];
  /** Version of each tool that took part, by name. */
  tools: Record<string, string>;
  /** Nothing of it had changed since an earlier build, whose module this is. */
  unchanged: boolean;
  /** What is worth knowing though the build stands, such as a budget that is exceeded. */
  findings: Finding[];
}

/**
 * One build to do.
 *
 * @public
 */
export interface BuildOptions {
  /** Folder of the function; nothing outside it is read or written. */
  directory: string;
  funcConfig: FuncConfig;
  signal?: AbortSignal;
  /** Takes the output of the tools, line by line. */
  log: (line: string) => void;
}

/**
 * Builds modules from source, or fetches those that exist.
 *
 * @public
 */
export interface ModuleBuilder {
  /**
   * Leaves a component in the function's folder that the runner can serve, or nothing.
   *
   * @throws `WasiError`; TOOLCHAIN_MISSING carries a finding for every tool.
   */
  build(options: BuildOptions): Promise<BuiltModule>;
}

/**
 * What the parts of one build share.
 *
 * @internal
 */
export interface BuildRun {
  /** Real path of the folder that is built: a copy, unless the module is there already. */
  directory: string;
  /** Folder of this build alone; gone when it ends. */
  scratch: string;
  funcConfig: FuncConfig;
  runtime: Runtime;
  config: WasiConfig;
  toolchains: Toolchains;
  fetch: FetchFile;
  registry: Pick<ModuleRegistry, 'canPullAnonymously' | 'pull'>;
  /** Where its tools run; made when it is first asked for. */
  place: () => Promise<BuildPlace>;
  signal?: AbortSignal;
  log: (line: string) => void;
  progress: BuildProgress;
  /** Milliseconds until this build's time is up. */
  timeLeft: () => number;
}
