export { createDeployAction } from './createDeployAction';
export { createDeployReports } from './DeployReports';
export type {
  ChangeToReport,
  DeleteToReport,
  DeployReports,
  DeployToReport,
  ReportedDelete,
  ReportedDeploy,
} from './DeployReports';
