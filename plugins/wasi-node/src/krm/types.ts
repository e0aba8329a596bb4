/**
 * A KRM function of a pipeline: a module on this machine and what it is told.
 *
 * @public
 */
export interface KrmFunction {
  /** As the user named it, for the log. */
  name: string;
  /** A WASI command, or a Go program compiled with GOOS=js as kpt runs it. */
  modulePath: string;
  /** Data of the ConfigMap that is its `functionConfig`. */
  configMap?: Readonly<Record<string, string>>;
}

/**
 * Functions in the order in which they run.
 *
 * @public
 */
export interface KrmPipeline {
  /** May change, add and remove resources. */
  mutators: readonly KrmFunction[];
  /** Look at what the mutators left, and may change nothing. */
  validators: readonly KrmFunction[];
}

/**
 * What a function says of a resource.
 *
 * @public
 */
export interface KrmResult {
  message: string;
  severity: 'error' | 'warning' | 'info';
  resourceRef?: {
    apiVersion?: string;
    kind?: string;
    namespace?: string;
    name?: string;
  };
  field?: { path?: string };
  file?: { path?: string };
}

/**
 * Limits of each function of a pipeline.
 *
 * @public
 */
export interface KrmLimits {
  /** Default: 30 000. */
  timeoutMs?: number;
  /** Bytes that one memory of a function may have. Default: 512 MiB. */
  memoryLimitBytes?: number;
  signal?: AbortSignal;
}
