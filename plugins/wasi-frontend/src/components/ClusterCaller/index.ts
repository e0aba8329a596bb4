export { ClusterCaller } from './ClusterCaller';
