/**
 * A tool that must be on the machine that builds.
 *
 * @public
 */
export interface RuntimePrerequisite {
  tool: string;
  /** Proves that the tool is there: exits with 0 and prints its version. */
  command: string[];
  /** Regular expression whose first group is the version in the command's output. */
  versionPattern?: string;
  /** Oldest version that works, e.g. `1.24`. */
  minimum?: string;
  /** How to install it, one sentence. */
  install: string;
}

/**
 * One command of a build.
 *
 * @public
 */
export interface RuntimeStep {
  label: string;
  /** Argument vector; `{…}` is a {@link StepPlaceholder}. */
  command: string[];
  /** Added to the build's environment. */
  env?: Record<string, string>;
}

/**
 * A step of a GitHub workflow, as its file has it.
 *
 * @public
 */
export interface WorkflowStep {
  name?: string;
  uses?: string;
  with?: Record<string, string>;
  if?: string;
  env?: Record<string, string>;
  run?: string;
}

/**
 * What a generated repository tells of itself, in its README and its workflow.
 *
 * @public
 */
export interface RuntimeSkeleton {
  /** What a developer reads and edits, the first to open first. */
  files: { path: string; purpose: string }[];
  /** Puts the tools on a machine of GitHub Actions. */
  setup?: WorkflowStep[];
  /** Runs the tests, as typed in a shell in the repository. */
  test?: string;
  /** Leaves `module.wasm`: commands as typed in a shell in the repository. */
  build?: string[];
  /** What git does not keep, beside the module. */
  ignored?: string[];
}

/**
 * Everything the plugin set knows about one runtime; adding a runtime is adding one record.
 *
 * @public
 */
export interface Runtime {
  /** `runtime` in func.yaml. */
  name: string;
  label: string;
  language: string;
  maturity: 'stable' | 'experimental';
  /** Files that tell this runtime, as glob patterns; the first that exists is the default source. */
  sources: string[];
  /**
   * How the module comes to be: `commands` runs the steps, `text` assembles
   * WebAssembly text in process (the steps are what it amounts to), `prebuilt` fetches it.
   */
  strategy: 'commands' | 'text' | 'prebuilt';
  prerequisites: RuntimePrerequisite[];
  steps: RuntimeStep[];
  /** Where the steps leave the module, relative to the function's folder; may hold placeholders. */
  output: string;
  /** Memory that compiling a usual module of this runtime takes in the runner, as a Kubernetes quantity. */
  memoryLimit?: string;
  /** True where a build downloads what it depends on; without it a build has no network. */
  network?: boolean;
  /** The repository that templates begin with; absent where there is nothing to write. */
  skeleton?: RuntimeSkeleton;
  /** The same runtime in other languages, each with a skeleton of its own. */
  variants?: { language: string; skeleton: RuntimeSkeleton }[];
}
