export {
  CLUSTER_TOKENS_HEADER,
  formatClusterTokens,
  parseClusterTokens,
} from './clusterTokens';
export {
  cloudEventSchema,
  errorBodySchema,
  invokeRequestSchema,
  MASKED_VALUE,
  MODULES_CHANGED_CHANNEL,
} from './schemas';
export type {
  ArtifactView,
  BackendInfo,
  CloudEventAnswer,
  ClusterIdentity,
  ClusterProblem,
  ClusterView,
  ErrorBody,
  InvokeAnswer,
  InvokeRequest,
  LogLine,
  LogsAnswer,
  ModuleListAnswer,
  ModuleRef,
  ModulesChangedSignal,
  ModuleView,
  RuntimeView,
  SupplyChainView,
  UserTokenCluster,
} from './schemas';
export { deploymentReportSchema, fieldChangeSchema } from './deployments';
export type {
  Deployment,
  DeploymentAction,
  DeploymentListAnswer,
  DeploymentOrigin,
  DeploymentReport,
  DeploymentReportAnswer,
  DeploymentState,
  DeploymentView,
  FieldChange,
  PlanAnswer,
  SyncMode,
  SyncState,
  SyncTargetView,
  SyncView,
} from './deployments';
