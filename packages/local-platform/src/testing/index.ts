/**
 * The Kubernetes API of the local platform, and requests to it, for tests.
 *
 * @packageDocumentation
 */
export { call, WatchedEvents, type Answer } from './apiClient';
export { KubeApiserver, kubeApiserverAssets } from './KubeApiserver';
export {
  startLocalTarget,
  threeLines,
  type KubernetesTarget,
} from './localTarget';
export { startFaultyProxy, type Exchange } from './startFaultyProxy';
