import type {
  DeploymentState,
  ModuleRef,
  WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Knex } from 'knex';
import { fromRow, toRow, type DeploymentRow } from './deploymentRows';
import type { StoredDeployment } from './types';

const TABLE = 'deployments';

/** How a deployment ended. @internal */
export interface DeploymentEnd {
  state: Exclude<DeploymentState, 'running'>;
  message?: string;
  code?: WasiErrorCode;
  remedy?: string;
}

/** What the cluster answered. @internal */
export interface DeploymentApplied {
  at: string;
  uid?: string;
  generation?: number;
  image?: string;
  manifest?: string;
  secrets?: string;
}

/** Where a page of a list begins. @internal */
export interface DeploymentCursor {
  startedAt: string;
  id: string;
}

/**
 * The deployments in the database; every change of a state is one statement
 * that only one of several backends can win.
 *
 * @internal
 */
export class DeploymentStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** False where its key was there already. */
  async insert(deployment: StoredDeployment): Promise<boolean> {
    const inserted = await this.#knex(TABLE)
      .insert(toRow(deployment))
      .onConflict('once_key')
      .ignore()
      .returning('id');
    return inserted.length > 0;
  }

  async insertAll(deployments: StoredDeployment[]): Promise<void> {
    // SQLite takes so many values in one statement and no more.
    const chunk = 100;
    for (let i = 0; i < deployments.length; i += chunk) {
      await this.#knex(TABLE)
        .insert(deployments.slice(i, i + chunk).map(toRow))
        .onConflict('once_key')
        .ignore();
    }
  }

  async get(id: string): Promise<StoredDeployment | undefined> {
    return this.#first(this.#knex<DeploymentRow>(TABLE).where({ id }));
  }

  async findByKey(onceKey: string): Promise<StoredDeployment | undefined> {
    return this.#first(
      this.#knex<DeploymentRow>(TABLE).where({ once_key: onceKey }),
    );
  }

  /** Newest first. */
  async list(query: {
    entity: string;
    ref: Partial<ModuleRef>;
    limit: number;
    before?: DeploymentCursor;
  }): Promise<StoredDeployment[]> {
    const { entity, ref, limit, before } = query;
    const rows = this.#knex<DeploymentRow>(TABLE)
      .where({ entity_ref: entity, ...definedOf(ref) })
      .orderBy([
        { column: 'started_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit);
    if (before) {
      const at = new Date(before.startedAt);
      rows.andWhere(older =>
        older
          .where('started_at', '<', at)
          .orWhere(same =>
            same.where('started_at', at).andWhere('id', '<', before.id),
          ),
      );
    }
    return (await rows).map(fromRow);
  }

  /** The last one of the same module before it that left something to compare with. */
  async previous(
    deployment: StoredDeployment,
  ): Promise<StoredDeployment | undefined> {
    const at = new Date(deployment.startedAt);
    return this.#first(
      this.#knex<DeploymentRow>(TABLE)
        .where({ entity_ref: deployment.entity, ...deployment.ref })
        .whereNotNull('applied_at')
        .andWhere(older =>
          older
            .where('started_at', '<', at)
            .orWhere(same =>
              same.where('started_at', at).andWhere('id', '<', deployment.id),
            ),
        )
        .orderBy([
          { column: 'started_at', order: 'desc' },
          { column: 'id', order: 'desc' },
        ]),
    );
  }

  async running(): Promise<StoredDeployment[]> {
    const rows = await this.#knex<DeploymentRow>(TABLE)
      .where({ state: 'running' })
      .orderBy('started_at');
    return rows.map(fromRow);
  }

  /** What the cluster took has happened, whatever was thought of it before. */
  async applied(id: string, applied: DeploymentApplied): Promise<boolean> {
    const { at, uid, generation, image, manifest, secrets } = applied;
    const changed = await this.#knex(TABLE)
      .where({ id })
      .whereNull('applied_at')
      .update({
        state: 'running',
        message: null,
        code: null,
        remedy: null,
        ended_at: null,
        backend: null,
        applied_at: new Date(at),
        ...definedOf({ uid, generation, image, manifest, secrets }),
      });
    return changed > 0;
  }

  /** False where it has ended already. */
  async end(id: string, end: DeploymentEnd & { at: string }): Promise<boolean> {
    const changed = await this.#knex(TABLE)
      .where({ id, state: 'running' })
      .update({
        state: end.state,
        message: end.message ?? null,
        code: end.code ?? null,
        remedy: end.remedy ?? null,
        backend: null,
        ended_at: new Date(end.at),
      });
    return changed > 0;
  }

  /** Takes over what another backend has left; one of several wins. */
  async claim(
    { id, backend, beat }: StoredDeployment,
    by: string,
  ): Promise<boolean> {
    const changed = await this.#knex(TABLE)
      .where({ id, state: 'running', beat })
      .whereNull('applied_at')
      .andWhere(row =>
        backend ? row.where({ backend }) : row.whereNull('backend'),
      )
      .update({ backend: by, beat: beat + 1 });
    return changed > 0;
  }

  /** Leaves it to whoever asks the cluster first, with what is known until then. */
  async release(
    id: string,
    {
      message,
      code,
      remedy,
    }: Pick<DeploymentEnd, 'message' | 'code' | 'remedy'>,
  ): Promise<void> {
    await this.#knex(TABLE)
      .where({ id, state: 'running' })
      .whereNull('applied_at')
      .update({ backend: null, ...definedOf({ message, code, remedy }) });
  }

  /** Begins once more what was interrupted. */
  async reopen(id: string, by: string): Promise<boolean> {
    const changed = await this.#knex(TABLE)
      .where({ id })
      .whereNull('applied_at')
      .update({
        state: 'running',
        backend: by,
        message: null,
        code: null,
        remedy: null,
        ended_at: null,
        beat: this.#knex.raw('?? + 1', ['beat']),
      });
    return changed > 0;
  }

  async beat(ids: string[], by: string): Promise<void> {
    await this.#knex(TABLE)
      .whereIn('id', ids)
      .andWhere({ backend: by, state: 'running' })
      .increment('beat', 1);
  }

  async #first(
    rows: Knex.QueryBuilder<DeploymentRow, DeploymentRow[]>,
  ): Promise<StoredDeployment | undefined> {
    const [row] = await rows.limit(1);
    return row && fromRow(row);
  }
}

function definedOf<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
