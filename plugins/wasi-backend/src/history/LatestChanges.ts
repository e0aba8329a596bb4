import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Knex } from 'knex';
import { fromRow, type DeploymentRow } from './deploymentRows';
import type { StoredDeployment } from './types';

const TABLE = 'deployments';

/** What the history knows of the latest changes of a module. @internal */
export interface LatestChange {
  /** Whose end nobody knows yet. */
  underway?: StoredDeployment;
  /** The last one that reached the cluster and changed what runs. */
  last?: StoredDeployment;
}

/**
 * Looks up what was done to a module last.
 *
 * @internal
 */
export class LatestChanges {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async of({ cluster, namespace, name }: ModuleRef): Promise<LatestChange> {
    const newest = () =>
      this.#knex<DeploymentRow>(TABLE)
        .where({ cluster, namespace, name })
        .orderBy([
          { column: 'started_at', order: 'desc' },
          { column: 'id', order: 'desc' },
        ]);
    const [underway, last] = await Promise.all([
      newest().where({ state: 'running' }).whereNull('applied_at').first(),
      newest()
        .whereNot({ action: 'redeploy' })
        .whereNotNull('applied_at')
        .first(),
    ]);
    return {
      ...(underway && { underway: fromRow(underway) }),
      ...(last && { last: fromRow(last) }),
    };
  }
}
