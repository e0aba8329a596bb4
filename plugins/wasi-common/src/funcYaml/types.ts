import type { Finding } from '../diagnosis';
import type { NetworkSpec } from '../wasmModule';

/**
 * Subsystem that builds a function.
 *
 * @public
 */
export type FuncBuilder = 'pack' | 's2i' | 'wasm';

/**
 * Subsystem that deploys a function.
 *
 * @public
 */
export type FuncDeployer = 'knative' | 'raw' | 'keda' | 'wasm';

/**
 * An environment variable; the value may be one of func's `{{ … }}` forms.
 *
 * @public
 */
export interface FuncEnv {
  /** Absent where a whole Secret or ConfigMap is named. */
  name?: string;
  value?: string;
}

/**
 * A label; the value may be `{{ env:NAME }}`.
 *
 * @public
 */
export interface FuncLabel {
  key: string;
  value?: string;
}

/**
 * A volume of a function: exactly one source, and where it is mounted.
 *
 * @public
 */
export interface FuncVolume {
  secret?: string;
  configMap?: string;
  persistentVolumeClaim?: { claimName: string; readOnly?: boolean };
  emptyDir?: { medium?: string; sizeLimit?: string };
  path: string;
}

/**
 * `deploy.options.resources`: what a function requests and may use.
 *
 * @public
 */
export interface FuncResources {
  requests?: { cpu?: string; memory?: string };
  limits?: { cpu?: string; memory?: string; concurrency?: number };
}

/**
 * `deploy.options.scale`: how many instances of a function, and by which measure.
 *
 * @public
 */
export interface FuncScale {
  min?: number;
  max?: number;
  metric?: 'concurrency' | 'rps';
  target?: number;
  utilization?: number;
}

/**
 * The `build` section: from what and with what a function is built.
 *
 * @public
 */
export interface FuncBuild {
  /** As written, or inferred from the runtime. */
  builder: FuncBuilder;
  /**
   * Ours. Source file of a runtime that has one; for `prebuilt-wasi` the module:
   * a path, an https address, `npm:package@version/path`, or
   * `oci://registry/repository:tag`.
   */
  source?: string;
  /** Ours. `sha256:…` that a prebuilt module must have. */
  digest?: string;
  /**
   * Ours. What is done to a module after it is built: `strip` leaves out what
   * debuggers alone read, `size` also runs wasm-opt, `none` does nothing. Default: `strip`.
   */
  optimize?: 'none' | 'strip' | 'size';
  /** Ours. Size that the module should not exceed, as a quantity such as `5Mi`. */
  sizeBudget?: string;
  git?: { url?: string; revision?: string; contextDir?: string };
  builderImages?: Record<string, string>;
  buildpacks?: string[];
  buildEnvs?: FuncEnv[];
  pvcSize?: string;
  remoteStorageClass?: string;
  baseImage?: string;
  volumes?: { hostPath: string; path: string }[];
}

/**
 * The `run` section: what a function is given when it runs.
 *
 * @public
 */
export interface FuncRun {
  args: string[];
  envs: FuncEnv[];
  volumes: FuncVolume[];
  /** Seconds. */
  startTimeout?: number;
  kafka?: { brokers: string; topic: string; consumerGroup: string };
}

/**
 * The `deploy` section: where a function goes, and what goes with it.
 *
 * @public
 */
export interface FuncDeploy {
  /** From `deploy.namespace`, else the top-level `namespace`. */
  namespace?: string;
  image?: string;
  /** As written, or inferred from the runtime. */
  deployer: FuncDeployer;
  labels: FuncLabel[];
  annotations: Record<string, string>;
  options: { scale?: FuncScale; resources?: FuncResources };
  network?: NetworkSpec;
  healthEndpoints?: { liveness?: string; readiness?: string };
  serviceAccountName?: string;
  imagePullSecret?: string;
  subscriptions?: { source: string; filters?: Record<string, string> }[];
  managementDisabled?: boolean;
}

/**
 * A func.yaml, checked, with builder and deployer filled in.
 *
 * @public
 */
export interface FuncConfig {
  specVersion?: string;
  name: string;
  runtime: string;
  registry?: string;
  registryInsecure?: boolean;
  image?: string;
  domain?: string;
  /** The top-level field; `deploy.namespace` holds the one that counts. */
  namespace?: string;
  created?: string;
  invoke?: 'http' | 'cloudevent';
  build: FuncBuild;
  run: FuncRun;
  deploy: FuncDeploy;
}

/**
 * What reading a func.yaml gave: `config` is there unless a finding is an error.
 *
 * @public
 */
export interface FuncYamlResult {
  config?: FuncConfig;
  findings: Finding[];
}

/**
 * One change of a func.yaml; an undefined value removes the field.
 *
 * @public
 */
export interface FuncYamlEdit {
  path: (string | number)[];
  value: unknown;
}
