export type {
  KubernetesObject,
  ObjectEvent,
  ObjectStore,
  UpdateOptions,
} from './ObjectStore';
export type { LogOptions, LogSource } from './LogSource';
export {
  KubernetesStatusError,
  type FailureStatus,
  type StatusCause,
} from './status/KubernetesStatusError';
