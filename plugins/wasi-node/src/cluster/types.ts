import type {
  ClusterIdentity,
  ClusterProblem,
  Finding,
  LogLine,
  ModuleEvent,
  ModuleRef,
  NamespaceQuota,
  WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CompanionList,
  CompanionResource,
  CompanionWatchEvent,
} from './companions';

/** Names a module within one cluster. @public */
export type ModuleName = Pick<ModuleRef, 'namespace' | 'name'>;

/** What every call to a cluster takes. @public */
export interface ClusterRequestOptions {
  /** Ends the call; it then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** What every write to a cluster takes. @public */
export interface ClusterWriteOptions extends ClusterRequestOptions {
  /** Ask the API server to check the write and store nothing. */
  dryRun?: boolean;
}

/** What an apply takes. @public */
export interface ModuleApplyOptions extends ClusterWriteOptions {
  /** Who owns the fields then; the portal by default. */
  fieldManager?: string;
  /** Take fields from other managers. */
  force?: boolean;
  /** Only the module that was looked at, not a later one of its name. */
  uid?: string;
  /** Only as it was read then; fails with MODULE_CONFLICT where it has changed since. */
  resourceVersion?: string;
}

/** Which modules to list or watch; all of the cluster by default. @public */
export interface ModuleSelection {
  namespace?: string;
  /** Needs `namespace`. */
  name?: string;
  /** In the grammar of Kubernetes, e.g. `app=shop,tier in (a,b)`. */
  labelSelector?: string;
}

/** The modules of a list; rows that are no WasmModule are told apart. @public */
export interface ModuleList {
  items: WasmModule[];
  rejected: RejectedModule[];
  /** Where a watch takes over. */
  resourceVersion: string;
}

/** A row of a list or a watch that is no WasmModule. @public */
export interface RejectedModule extends ModuleName {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  finding: Finding;
}

/**
 * What one watch connection tells.
 *
 * `EXPIRED` ends the watch: list again. `OPENED` is told once, when the API
 * server has accepted the watch.
 *
 * @public
 */
export type ModuleWatchEvent =
  | { type: 'OPENED' }
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; module: WasmModule }
  | {
      type: 'REJECTED';
      rejected: RejectedModule;
      deleted: boolean;
      resourceVersion?: string;
    }
  | { type: 'BOOKMARK'; resourceVersion: string }
  | { type: 'EXPIRED' };

/**
 * The WasmModules of one cluster.
 *
 * Every failure is a `WasiError`; every request has a timeout.
 *
 * @public
 */
export interface WasmModuleClient {
  readonly cluster: string;
  /** By how much its clock is ahead of ours, in milliseconds, where it is off. */
  readonly clockAheadMs?: number;
  /** `keep`: what of each module is kept as its page is read; all by default. */
  list(
    options?: ModuleSelection &
      ClusterRequestOptions & { keep?: (module: WasmModule) => WasmModule },
  ): Promise<ModuleList>;
  get(ref: ModuleName, options?: ClusterRequestOptions): Promise<WasmModule>;
  create(
    module: WasmModule,
    options?: ClusterWriteOptions,
  ): Promise<WasmModule>;
  /** Takes the place of what has the same `metadata.resourceVersion`, else fails with MODULE_CONFLICT. */
  replace(
    module: WasmModule,
    options?: ClusterWriteOptions,
  ): Promise<WasmModule>;
  /** JSON merge patch, https://www.rfc-editor.org/rfc/rfc7386. */
  patch(
    ref: ModuleName,
    mergePatch: object,
    options?: ClusterWriteOptions,
  ): Promise<WasmModule>;
  /** Server-side apply. */
  apply(module: WasmModule, options?: ModuleApplyOptions): Promise<WasmModule>;
  /** With `uid`, only the module that was looked at, not a later one of its name. */
  delete(
    ref: ModuleName,
    options?: ClusterWriteOptions & { uid?: string },
  ): Promise<void>;
  /** Newest last; of the module and of the Knative Service of its name. */
  events(
    ref: ModuleName,
    options?: ClusterRequestOptions & { uid?: string },
  ): Promise<ModuleEvent[]>;
  /** Oldest first; empty where no pod runs. */
  logs(
    ref: ModuleName,
    options?: ClusterRequestOptions & { tailLines?: number },
  ): Promise<string[]>;
  /**
   * The lines of all its pods as they are written, and of those that come later,
   * until the signal aborts. Lines are left out, and said to be, where there are
   * too many at once.
   */
  followLogs(
    ref: ModuleName,
    options: { tailLines?: number; signal: AbortSignal },
  ): Promise<AsyncIterable<LogLine>>;
  /** One connection; it ends when the API server ends it. */
  watch(
    options: ModuleSelection & {
      resourceVersion: string;
      signal?: AbortSignal;
    },
  ): AsyncIterable<ModuleWatchEvent>;
  /**
   * What Knative and events tell of the modules, or of one; KNATIVE_MISSING where
   * the cluster has no Knative.
   */
  listCompanions(
    resource: CompanionResource,
    options?: {
      namespace?: string;
      /** Of a module; needs `namespace`. */
      name?: string;
    } & ClusterRequestOptions,
  ): Promise<CompanionList>;
  /** One connection; it ends when the API server ends it. */
  watchCompanions(
    resource: CompanionResource,
    options: {
      namespace?: string;
      resourceVersion: string;
      signal?: AbortSignal;
    },
  ): AsyncIterable<CompanionWatchEvent>;
  /** Whether a Knative Service of the module's name is there that no WasmModule owns. */
  hasForeignService(
    ref: ModuleName,
    options?: ClusterRequestOptions,
  ): Promise<boolean>;
  /** The ResourceQuotas that hold for every pod of a namespace. */
  quotas(
    namespace: string,
    options?: ClusterRequestOptions,
  ): Promise<NamespaceQuota[]>;
  /** The version that a resource has come to, at the price of one row. */
  latestVersion(
    resource: 'modules' | CompanionResource,
    options?: { namespace?: string } & ClusterRequestOptions,
  ): Promise<string>;
}

/**
 * The user of the portal on whose behalf a cluster is called.
 *
 * @public
 */
export interface ClusterCaller {
  /** Entity ref, e.g. `user:default/jane`. */
  user: string;
  /** Entity refs of what the user owns things as, the user's own among them. */
  groups: string[];
  /** The user's tokens for clusters that take no other, by name of the cluster. */
  tokens?: Record<string, string>;
}

/** A configured cluster, and why it cannot be used where that is so. @public */
export interface ClusterInfo {
  name: string;
  title?: string;
  /** Why nothing is done there, at least not in the background. */
  problem?: ClusterProblem;
  /** It takes only users' own tokens of this provider, e.g. `google` or `oidc.okta`. */
  userTokens?: string;
}

/** The clusters of the portal. @public */
export interface Clusters {
  names(): ClusterInfo[];
  /**
   * The client of a cluster; without a name that of the only cluster.
   *
   * With a caller it acts as that user where the cluster is configured so, else
   * and without one as the portal's own account.
   *
   * Throws CLUSTER_NOT_CONFIGURED, CLUSTER_UNKNOWN, or the cluster's problem.
   */
  client(cluster?: string, caller?: ClusterCaller): WasmModuleClient;
  /** As whom {@link Clusters.client} acts for the caller. */
  identity(cluster: string, caller?: ClusterCaller): ClusterIdentity;
  /**
   * Tells when `names` has changed; absent where it never does.
   *
   * Answers how to stop that.
   */
  onChange?(listener: () => void): () => void;
}
