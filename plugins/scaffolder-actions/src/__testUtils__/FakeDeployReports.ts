import type {
  DeployReports,
  DeployToReport,
  ReportedDelete,
  ReportedDeploy,
  DeleteToReport,
} from '../actions/deploy/DeployReports';

/** Keeps what was reported. */
export class FakeDeployReports implements DeployReports {
  readonly told: string[] = [];
  readonly begun: DeployToReport[] = [];
  readonly begunDeletes: DeleteToReport[] = [];

  async begin(deploy: DeployToReport): Promise<ReportedDeploy> {
    this.begun.push(deploy);
    this.told.push('begin');
    return {
      applied: async generation => {
        this.told.push(`applied ${generation}`);
      },
      failed: error => this.#failed(error),
    };
  }

  async beginDelete(undeploy: DeleteToReport): Promise<ReportedDelete> {
    this.begunDeletes.push(undeploy);
    this.told.push('begin-delete');
    return {
      deleted: async () => {
        this.told.push('deleted');
      },
      failed: error => this.#failed(error),
    };
  }

  async #failed(error: unknown): Promise<void> {
    this.told.push(`failed ${(error as { code?: string }).code}`);
  }
}
