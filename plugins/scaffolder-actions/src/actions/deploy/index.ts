export { createDeployAction } from './createDeployAction';
export { createDeployReports } from './DeployReports';
export type {
  DeployReports,
  DeployToReport,
  ReportedDeploy,
} from './DeployReports';
