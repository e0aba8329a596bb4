export { kubeconfig } from './kubeconfig';
export type { LogOptions, LogSource } from './LogSource';
export type {
  KubernetesObject,
  ObjectEvent,
  ObjectStore,
  UpdateOptions,
} from './ObjectStore';
export type { KubernetesUser, PolicyRule } from './rbac/PolicyRule';
export { startKubernetesApi, type KubernetesApi } from './startKubernetesApi';
export {
  KubernetesStatusError,
  type FailureStatus,
  type StatusCause,
} from './status/KubernetesStatusError';
