import type {
  DeployReports,
  DeployToReport,
  ReportedDeploy,
} from '../actions/deploy/DeployReports';

/** Keeps what was reported. */
export class FakeDeployReports implements DeployReports {
  readonly told: string[] = [];
  readonly begun: DeployToReport[] = [];

  async begin(deploy: DeployToReport): Promise<ReportedDeploy> {
    this.begun.push(deploy);
    this.told.push('begin');
    return {
      applied: async generation => {
        this.told.push(`applied ${generation}`);
      },
      failed: async error => {
        this.told.push(`failed ${(error as { code?: string }).code}`);
      },
    };
  }
}
