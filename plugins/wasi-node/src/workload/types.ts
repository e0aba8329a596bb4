/**
 * A module that runs in pods of its own, by a runtime class for WebAssembly.
 *
 * @public
 */
export interface Workload {
  name: string;
  /** Default: `default`. */
  namespace?: string;
  /** A container image of the format `compat`, by digest. */
  image: string;
  /** Of nodes that run WebAssembly. */
  runtimeClassName: string;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** All that it sees of a file system. */
  folders?: readonly WorkloadFolder[];
  /** Default: `none`. */
  network?: 'none' | 'outgoing' | 'all';
  /** Kubernetes quantities. Default: 128Mi and none. */
  limits?: { memory?: string; cpu?: string };
  /** Default: 1. */
  replicas?: number;
}

/**
 * A volume that a workload sees as a folder.
 *
 * @public
 */
export interface WorkloadFolder {
  guestPath: string;
  /** PersistentVolumeClaim of its namespace. */
  claim: string;
  /** Default: true. */
  readOnly?: boolean;
}

/**
 * A Kubernetes object that a workload is made of.
 *
 * @public
 */
export interface WorkloadObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
  };
  spec: Record<string, unknown>;
}

/**
 * What a deployment of a workload left in the cluster.
 *
 * @public
 */
export interface DeployedWorkload {
  cluster: string;
}

/**
 * The clusters of the portal, as a place for workloads.
 *
 * @public
 */
export interface Workloads {
  /**
   * Applies the objects of a workload for an entity, in their order; repeating it changes nothing.
   *
   * @throws `WasiError` MODULE_OWNED_BY_OTHER where one of them belongs to another entity, also with `force`.
   */
  deploy(options: {
    /** Default: the only one. */
    cluster?: string;
    objects: readonly WorkloadObject[];
    entityRef: string;
    /** Takes fields from other tools. */
    force?: boolean;
    signal?: AbortSignal;
  }): Promise<DeployedWorkload>;
}
