/**
 * API group of the WasmModule resource.
 *
 * @public
 */
export const WASM_MODULE_GROUP = 'wasm.serving.knative.dev';
/**
 * The version of the WasmModule resource that is read and written.
 *
 * @public
 */
export const WASM_MODULE_VERSION = 'v1alpha1';
/**
 * The WasmModule resource in API paths and RBAC rules.
 *
 * @public
 */
export const WASM_MODULE_PLURAL = 'wasmmodules';
/**
 * Kind of the WasmModule resource.
 *
 * @public
 */
export const WASM_MODULE_KIND = 'WasmModule';
/**
 * `apiVersion` of the WasmModule resource: group and version.
 *
 * @public
 */
export const WASM_MODULE_API_VERSION = `${WASM_MODULE_GROUP}/${WASM_MODULE_VERSION}`;

/**
 * Who set which fields of a resource (Kubernetes `metadata.managedFields`).
 *
 * @public
 */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  subresource?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: object;
}

/**
 * The part of Kubernetes' ObjectMeta that we read or write.
 *
 * @public
 */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: object[];
  managedFields?: ManagedFieldsEntry[];
}

/**
 * One key of a Secret or ConfigMap.
 *
 * @public
 */
export interface KeySelector {
  name?: string;
  key: string;
  optional?: boolean;
}

/**
 * An environment variable of a module, as in a Kubernetes container.
 *
 * @public
 */
export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: {
    secretKeyRef?: KeySelector;
    configMapKeyRef?: KeySelector;
    fieldRef?: { fieldPath: string };
    resourceFieldRef?: { resource: string };
  };
}

/**
 * A volume of a module: a name and one source, kinds unknown to us included.
 *
 * @public
 */
export interface Volume {
  name: string;
  secret?: { secretName?: string; optional?: boolean; items?: object[] };
  configMap?: { name?: string; optional?: boolean; items?: object[] };
  emptyDir?: { medium?: string; sizeLimit?: string | number };
  projected?: object;
  persistentVolumeClaim?: { claimName: string; readOnly?: boolean };
  [kind: string]: unknown;
}

/**
 * Where a module sees a volume.
 *
 * @public
 */
export interface VolumeMount {
  name: string;
  mountPath: string;
  readOnly?: boolean;
  subPath?: string;
  [field: string]: unknown;
}

/**
 * What a module requests and may use of CPU and memory, as Kubernetes quantities.
 *
 * @public
 */
export interface ResourceRequirements {
  requests?: Record<string, string | number>;
  limits?: Record<string, string | number>;
}

/**
 * Socket permissions of a module; absent means no sockets and no DNS.
 *
 * @public
 */
export interface NetworkSpec {
  inherit?: boolean;
  allowIpNameLookup?: boolean;
  tcp?: { bind?: string[]; connect?: string[] };
  udp?: { bind?: string[]; connect?: string[]; outgoing?: string[] };
}

/**
 * What is wanted of a module: its image, and all that it is granted.
 *
 * @public
 */
export interface WasmModuleSpec {
  image: string;
  args?: string[];
  env?: EnvVar[];
  volumes?: Volume[];
  volumeMounts?: VolumeMount[];
  resources?: ResourceRequirements;
  network?: NetworkSpec;
}

/**
 * One condition of a resource, in the form of Knative.
 *
 * @public
 */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  severity?: string;
  lastTransitionTime?: string;
}

/**
 * What the controller says about a module.
 *
 * @public
 */
export interface WasmModuleStatus {
  observedGeneration?: number;
  address?: { url?: string };
  conditions?: Condition[];
  annotations?: Record<string, string>;
}

/**
 * A `WasmModule` custom resource of knative-serving-wasm.
 *
 * @public
 */
export interface WasmModule {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: WasmModuleSpec;
  status?: WasmModuleStatus;
}

/**
 * A Kubernetes event about a module, reduced to what a user reads.
 *
 * @public
 */
export interface ModuleEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  count: number;
  /** RFC 3339. */
  lastSeen?: string;
  /** What it is about, where that is not the module itself, e.g. a `Pod`. */
  about?: { kind: string; name: string };
}

/**
 * The Knative Service of a module, reduced to what its health is told by.
 *
 * @public
 */
export interface KnativeService {
  uid?: string;
  generation?: number;
  observedGeneration?: number;
  conditions: Condition[];
  latestCreatedRevision?: string;
  latestReadyRevision?: string;
}

/**
 * A Knative Revision of a module, reduced to what its health is told by.
 *
 * @public
 */
export interface KnativeRevision {
  name: string;
  /** Of the Service that it was made for; grows. */
  generation?: number;
  conditions: Condition[];
}
