import type {
  Deployment,
  DeploymentAction,
  DeploymentOrigin,
  ModuleRef,
  WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** What is known of a change before it reaches the cluster. @internal */
export interface DeploymentStart {
  /** Entity ref. */
  entity: string;
  ref: ModuleRef;
  action: DeploymentAction;
  origin: DeploymentOrigin;
  /** See {@link Deployment.actor}. */
  actor: string;
  /** What is sent; absent for a delete. */
  module?: WasmModule;
  /** What the cluster has; absent where it has nothing. */
  before?: WasmModule;
  /** Bytes of the module, where they are known. */
  size?: number;
  rollbackOf?: string;
  /** A second start with the same key goes on with the first. */
  onceKey?: string;
}

/** A change that is on its way to the cluster. @internal */
export interface OpenDeployment {
  readonly id: string;
  /** The cluster took it, and answered with this; what becomes of it is followed from here on. */
  applied(module?: WasmModule): Promise<void>;
  /** The cluster refused it, or nobody knows: then the cluster is asked. */
  failed(error: unknown): Promise<void>;
}

/**
 * Where every change of a module is written down before it is made.
 *
 * @internal
 */
export interface DeploymentLog {
  /**
   * @throws `WasiError` HISTORY_UNAVAILABLE where it cannot be written; then
   * nothing may be sent.
   */
  begin(start: DeploymentStart): Promise<OpenDeployment>;
}

/**
 * A log of changes that somebody else makes and tells of, request by request.
 *
 * @internal
 */
export interface ReportedLog extends DeploymentLog {
  /** Leaves a change to whoever makes it; after a while without a word the cluster is asked. */
  leave(id: string): void;
  /** Goes on with a change that was left. */
  adopt(id: string, change: ReportedChange): OpenDeployment;
}

/** A change that was left, as its row tells it. @internal */
export type ReportedChange = Pick<
  DeploymentStart,
  'entity' | 'ref' | 'action' | 'origin' | 'actor'
>;

/** A deployment as the database holds it. @internal */
export interface StoredDeployment extends Deployment {
  uid?: string;
  /** What was there before. */
  base?: { uid: string; generation: number };
  /** JSON; values that look secret are masked. */
  manifest?: string;
  /** The masked values, encrypted; absent where there are none or no key. */
  secrets?: string;
  onceKey?: string;
  /** Who writes it to the cluster; absent once it was applied. */
  backend?: string;
  /** Grows as long as that backend lives. */
  beat: number;
  /** RFC 3339. */
  appliedAt?: string;
}
