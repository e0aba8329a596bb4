import type { CompoundEntityRef } from '@backstage/catalog-model';
import type {
  ArtifactView,
  BackendInfo,
  DeploymentListAnswer,
  DeploymentView,
  FieldChange,
  InvokeAnswer,
  InvokeRequest,
  LogLine,
  LogsAnswer,
  ModuleListAnswer,
  ModuleRef,
  ModuleView,
  PlanAnswer,
  SyncView,
} from '@wasi-functions/backstage-plugin-wasi-common';

import type { ClusterTokens } from './ClusterTokens';

/**
 * What every call of {@link WasiApi} takes beside its subject.
 *
 * @public
 */
export interface WasiRequestOptions {
  signal?: AbortSignal;
}

/**
 * What every write of {@link WasiApi} takes beside its subject.
 *
 * @public
 */
export interface WasiWriteOptions extends WasiRequestOptions {
  /** Take fields of other field managers over. */
  force?: boolean;
  /** `basis` of the plan that was agreed to: refused where that has changed since. */
  basis?: string;
}

/**
 * A JSON merge patch of a module: what is `null` goes, lists come as a whole.
 *
 * @public
 */
export interface ModuleEdit {
  spec?: { [field: string]: unknown };
}

/**
 * What is told while a log is followed.
 *
 * @public
 */
export interface LogListener {
  /** The log is followed from now on, though it may be silent. */
  onOpen: () => void;
  onLine: (line: LogLine) => void;
}

/**
 * The backend of the plugin as the browser sees it; every failure is a `WasiError`.
 *
 * @public
 */
export interface WasiApi {
  getInfo(options?: WasiRequestOptions): Promise<BackendInfo>;
  /** Where the user's own tokens for clusters that take no others come from. */
  takeTokensFrom(tokens: ClusterTokens): Promise<void>;
  /** Asks the user for a token that the cluster takes. */
  signIn(cluster: string): Promise<void>;
  /**
   * Of all clusters but those that the answer's `userTokens` names, or of one cluster
   * alone: that fails with CLUSTER_TOKEN_MISSING where it takes a token of the
   * user, and none is at hand that it accepts.
   */
  listModules(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions & { cluster?: string },
  ): Promise<ModuleListAnswer>;
  /** What a change would do, by a dry run in the cluster. */
  planChange(
    entity: CompoundEntityRef,
    module: ModuleRef,
    edit: ModuleEdit,
    options?: WasiRequestOptions,
  ): Promise<PlanAnswer>;
  changeModule(
    entity: CompoundEntityRef,
    module: ModuleRef,
    edit: ModuleEdit,
    options?: WasiWriteOptions,
  ): Promise<ModuleView>;
  /** What would be deleted, and who else owns fields of it. */
  planDeletion(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiRequestOptions,
  ): Promise<PlanAnswer>;
  deleteModule(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiWriteOptions,
  ): Promise<void>;
  getArtifact(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiRequestOptions,
  ): Promise<ArtifactView>;
  getLogs(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiRequestOptions & { tailLines?: number },
  ): Promise<LogsAnswer>;
  invoke(
    entity: CompoundEntityRef,
    module: ModuleRef,
    request: InvokeRequest,
    options?: WasiRequestOptions,
  ): Promise<InvokeAnswer>;
  /** Ends when the backend ends the stream; fails when it broke. */
  followLogs(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options: WasiRequestOptions & LogListener,
  ): Promise<void>;
  /** What a redeploy would do; `at` tells the new revision from others. */
  planRedeploy(
    entity: CompoundEntityRef,
    module: ModuleRef,
    at: string,
    options?: WasiRequestOptions,
  ): Promise<PlanAnswer>;
  redeploy(
    entity: CompoundEntityRef,
    module: ModuleRef,
    at: string,
    options?: WasiWriteOptions,
  ): Promise<ModuleView>;
  /** Newest first; of one module only, where one is given. */
  listDeployments(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions & {
      module?: ModuleRef;
      limit?: number;
      cursor?: string;
    },
  ): Promise<DeploymentListAnswer>;
  getDeployment(
    entity: CompoundEntityRef,
    id: string,
    options?: WasiRequestOptions,
  ): Promise<DeploymentView>;
  /** From the deployment `id` to the one of the id `other`, or to what runs. */
  diffDeployments(
    entity: CompoundEntityRef,
    id: string,
    other: string | 'live',
    options?: WasiRequestOptions,
  ): Promise<FieldChange[]>;
  /** What a roll-back would do, by a dry run in the cluster. */
  planRollback(
    entity: CompoundEntityRef,
    id: string,
    options?: WasiRequestOptions,
  ): Promise<PlanAnswer>;
  rollBack(
    entity: CompoundEntityRef,
    id: string,
    options?: WasiWriteOptions,
  ): Promise<ModuleView>;
  getSync(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions,
  ): Promise<SyncView>;
  suspendSync(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions & { reason?: string },
  ): Promise<SyncView>;
  resumeSync(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions,
  ): Promise<SyncView>;
  runSync(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions,
  ): Promise<SyncView>;
}
