/**
 * The Kubernetes API of the local platform, and requests to it, for tests.
 *
 * @packageDocumentation
 */
export { call, WatchedEvents, type Answer } from './apiClient';
export {
  startLocalTarget,
  threeLines,
  type KubernetesTarget,
} from './localTarget';
