/**
 * API group of the WasmModule resource.
 *
 * @public
 */
export const WASM_MODULE_GROUP = 'wasm.serving.knative.dev';
/** @public */
export const WASM_MODULE_VERSION = 'v1alpha1';
/** @public */
export const WASM_MODULE_PLURAL = 'wasmmodules';
/** @public */
export const WASM_MODULE_KIND = 'WasmModule';
/** @public */
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

/** @public */
export interface KeySelector {
  name?: string;
  key: string;
  optional?: boolean;
}

/** @public */
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

/** @public */
export interface Volume {
  name: string;
  secret?: { secretName?: string; optional?: boolean; items?: object[] };
  configMap?: { name?: string; optional?: boolean; items?: object[] };
  emptyDir?: { medium?: string; sizeLimit?: string | number };
  projected?: object;
  persistentVolumeClaim?: { claimName: string; readOnly?: boolean };
  [kind: string]: unknown;
}

/** @public */
export interface VolumeMount {
  name: string;
  mountPath: string;
  readOnly?: boolean;
  subPath?: string;
  [field: string]: unknown;
}

/** @public */
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

/** @public */
export interface WasmModuleSpec {
  image: string;
  args?: string[];
  env?: EnvVar[];
  volumes?: Volume[];
  volumeMounts?: VolumeMount[];
  resources?: ResourceRequirements;
  network?: NetworkSpec;
}

/** @public */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  severity?: string;
  lastTransitionTime?: string;
}

/** @public */
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
}
