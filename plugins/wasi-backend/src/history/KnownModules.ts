import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Knex } from 'knex';
import { fromRow, type DeploymentRow } from './deploymentRows';
import type { StoredDeployment } from './types';

const TABLE = 'deployments';

/**
 * Which modules the history knows of, and up to which of their changes.
 *
 * @internal
 */
export class KnownModules {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** The keys of modules with a change on its way to their cluster. */
  async underway(): Promise<Set<string>> {
    const rows = await this.#knex<DeploymentRow>(TABLE)
      .where({ state: 'running' })
      .whereNull('applied_at')
      .select('cluster', 'namespace', 'name');
    return new Set(rows.map(moduleKey));
  }

  /** The last known generation by uid, for each of these modules by its key. */
  async generations(
    refs: readonly ModuleRef[],
  ): Promise<Map<string, Map<string, number>>> {
    const known = new Map<string, Map<string, number>>();
    for (const [cluster, names] of byCluster(refs)) {
      const rows: {
        namespace: string;
        name: string;
        uid: string;
        newest: number | string;
      }[] = await this.#knex<DeploymentRow>(TABLE)
        .where({ cluster })
        .whereIn(['namespace', 'name'], names)
        .whereNotNull('uid')
        .groupBy('namespace', 'name', 'uid')
        .select('namespace', 'name', 'uid')
        .max({ newest: 'generation' });
      for (const { namespace, name, uid, newest } of rows) {
        const key = moduleKey({ cluster, namespace, name });
        known.set(key, (known.get(key) ?? new Map()).set(uid, Number(newest)));
      }
    }
    return known;
  }

  /** Whether a change of a module is in the history. */
  async has(
    { cluster, namespace, name }: ModuleRef,
    uid: string,
    generation: number,
  ): Promise<boolean> {
    const row = await this.#knex<DeploymentRow>(TABLE)
      .where({ cluster, namespace, name, uid, generation })
      .first('id');
    return row !== undefined;
  }

  /** The last change of a module that exists as far as the history knows. */
  async lastPresent(ref: ModuleRef): Promise<StoredDeployment | undefined> {
    const [row] = await this.#present(ref)
      .orderBy([
        { column: 'd.started_at', order: 'desc' },
        { column: 'd.id', order: 'desc' },
      ])
      .limit(1);
    return row && fromRow(row);
  }

  /** The modules of a cluster that exist as far as the history knows. */
  async present(cluster: string): Promise<ModuleRef[]> {
    const rows: Omit<ModuleRef, 'cluster'>[] = await this.#present({ cluster })
      .clearSelect()
      .distinct('d.namespace', 'd.name');
    return rows.map(({ namespace, name }) => ({ cluster, namespace, name }));
  }

  #present(
    ref: Partial<ModuleRef>,
  ): Knex.QueryBuilder<DeploymentRow, DeploymentRow[]> {
    const knex = this.#knex;
    return knex(`${TABLE} as d`)
      .where(
        Object.fromEntries(
          Object.entries(ref).map(([key, value]) => [`d.${key}`, value]),
        ),
      )
      .whereNotNull('d.uid')
      .whereNotExists(
        knex(`${TABLE} as gone`)
          .where('gone.action', 'delete')
          .whereNotNull('gone.applied_at')
          .where('gone.cluster', knex.ref('d.cluster'))
          .where('gone.namespace', knex.ref('d.namespace'))
          .where('gone.name', knex.ref('d.name'))
          .where('gone.base_uid', knex.ref('d.uid')),
      )
      .select('d.*');
  }
}

/** @internal */
export function moduleKey({ cluster, namespace, name }: ModuleRef): string {
  return `${cluster}/${namespace}/${name}`;
}

function byCluster(refs: readonly ModuleRef[]): Map<string, string[][]> {
  const clusters = new Map<string, string[][]>();
  for (const { cluster, namespace, name } of refs) {
    clusters.set(cluster, [
      ...(clusters.get(cluster) ?? []),
      [namespace, name],
    ]);
  }
  return clusters;
}
