export { composeWorkload } from './composeWorkload';
export { createWorkloads } from './createWorkloads';
export type {
  DeployedWorkload,
  Workload,
  WorkloadFolder,
  WorkloadObject,
  Workloads,
} from './types';
