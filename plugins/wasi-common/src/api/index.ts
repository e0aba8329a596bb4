export {
  errorBodySchema,
  invokeRequestSchema,
  MASKED_VALUE,
  MODULES_CHANGED_CHANNEL,
} from './schemas';
export type {
  ArtifactView,
  BackendInfo,
  ClusterProblem,
  ClusterView,
  ErrorBody,
  InvokeAnswer,
  InvokeRequest,
  LogsAnswer,
  ModuleListAnswer,
  ModuleRef,
  ModulesChangedSignal,
  ModuleView,
  RuntimeView,
  SupplyChainView,
} from './schemas';
