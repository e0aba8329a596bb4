import type {
  FieldChange,
  ModuleRef,
  SyncMode,
  SyncState,
  WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Knex } from 'knex';
import type { InspectedImage } from './planModule';

/** What is kept of one environment of an entity between runs. @internal */
export interface SyncRecord {
  entity: string;
  environment: string;
  ref: ModuleRef;
  mode: SyncMode;
  state: SyncState;
  message: string;
  code?: WasiErrorCode;
  remedy?: string;
  source: { url: string; revision?: string; overlay?: string };
  drift: FieldChange[];
  pullRequestUrl?: string;
  managedBy?: string;
  /** A module was applied by this, so that removing the entity may delete it. */
  deployed: boolean;
  /** Of the module that the source asked for when it was last looked at. */
  desiredHash?: string;
  /** Of the module that was proposed last. */
  proposedHash?: string;
  /** Of what ran when it was last looked at. */
  liveFingerprint?: string;
  /** The image that was looked into last, which is not pulled again. */
  inspected?: InspectedImage;
  failures: number;
  /** Reads of the catalog in a row that did not have it. */
  missingReads: number;
  lastRunAt?: string;
  nextRunAt?: string;
}

/** Who holds the deploys of an entity, since when and why. @internal */
export interface Suspension {
  by: string;
  at: string;
  reason?: string;
}

interface StateRow {
  entity: string;
  environment: string;
  cluster: string;
  namespace: string;
  name: string;
  mode: SyncMode;
  state: SyncState;
  message: string;
  code: WasiErrorCode | null;
  remedy: string | null;
  source_url: string;
  source_revision: string | null;
  source_overlay: string | null;
  drift: string;
  pull_request_url: string | null;
  managed_by: string | null;
  deployed: boolean | number;
  desired_hash: string | null;
  proposed_hash: string | null;
  live_fingerprint: string | null;
  inspected: string | null;
  failures: number;
  missing_reads: number;
  last_run_at: string | null;
  next_run_at: string | null;
}

interface EntityRow {
  entity: string;
  suspended_by: string | null;
  suspended_at: string | null;
  suspended_reason: string | null;
  requested_at: string | null;
  resumed_at: string | null;
}

const STATE = 'sync_state';
const ENTITIES = 'sync_entities';
const ROWS_AT_ONCE = 100;

/**
 * The tables of deploys from the catalog.
 *
 * @internal
 */
export class SyncStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  async all(): Promise<SyncRecord[]> {
    return (await this.#knex<StateRow>(STATE).select()).map(toRecord);
  }

  async of(entity: string): Promise<SyncRecord[]> {
    const rows = await this.#knex<StateRow>(STATE).where({ entity }).select();
    return rows.map(toRecord);
  }

  /** Whether a module is kept in step by an entity. */
  async has(entity: string, ref: ModuleRef): Promise<boolean> {
    const row = await this.#knex<StateRow>(STATE)
      .where({ entity, ...ref })
      .first('entity');
    return row !== undefined;
  }

  async save(record: SyncRecord): Promise<void> {
    await this.#knex<StateRow>(STATE)
      .insert(toRow(record))
      .onConflict(['entity', 'environment'])
      .merge();
  }

  async remove(
    record: Pick<SyncRecord, 'entity' | 'environment'>,
  ): Promise<void> {
    const { entity, environment } = record;
    await this.#knex<StateRow>(STATE).where({ entity, environment }).delete();
  }

  async setMissingReads(
    record: Pick<SyncRecord, 'entity' | 'environment'>,
    reads: number,
  ): Promise<void> {
    const { entity, environment } = record;
    await this.#knex<StateRow>(STATE)
      .where({ entity, environment })
      .update({ missing_reads: reads });
  }

  /** Notes a look at what had not changed, for many at once. */
  async looked(
    records: Pick<SyncRecord, 'entity' | 'environment'>[],
    at: string,
  ): Promise<void> {
    for (let from = 0; from < records.length; from += ROWS_AT_ONCE) {
      await this.#knex<StateRow>(STATE)
        .whereIn(
          ['entity', 'environment'],
          records
            .slice(from, from + ROWS_AT_ONCE)
            .map(({ entity, environment }) => [entity, environment]),
        )
        .update({ last_run_at: at });
    }
  }

  async suspension(entity: string): Promise<Suspension | undefined> {
    return toSuspension(
      await this.#knex<EntityRow>(ENTITIES).where({ entity }).first(),
    );
  }

  async suspend(entity: string, suspension: Suspension): Promise<void> {
    await this.#put(entity, {
      suspended_by: suspension.by,
      suspended_at: suspension.at,
      suspended_reason: suspension.reason ?? null,
    });
  }

  async resume(entity: string, at: string): Promise<void> {
    await this.#put(entity, {
      suspended_by: null,
      suspended_at: null,
      suspended_reason: null,
      resumed_at: at,
    });
  }

  async resumedAt(entity: string): Promise<string | undefined> {
    const row = await this.#knex<EntityRow>(ENTITIES)
      .where({ entity })
      .first('resumed_at');
    return row?.resumed_at ?? undefined;
  }

  /** Resumes what is suspended by that and for that. */
  async lift(
    entity: string,
    { by, reason }: Pick<Suspension, 'by' | 'reason'>,
  ): Promise<void> {
    await this.#knex<EntityRow>(ENTITIES)
      .where({
        entity,
        suspended_by: by,
        suspended_reason: reason ?? null,
      })
      .update({
        suspended_by: null,
        suspended_at: null,
        suspended_reason: null,
      });
  }

  /** Has the next run look at the entity, whatever its back-off. */
  async request(entity: string, at: string): Promise<void> {
    await this.#put(entity, { requested_at: at });
  }

  /** Entities that were asked for, and when. */
  async requests(): Promise<Map<string, string>> {
    const rows = await this.#knex<EntityRow>(ENTITIES)
      .whereNotNull('requested_at')
      .select('entity', 'requested_at');
    return new Map(
      rows.map(({ entity, requested_at }) => [entity, requested_at!]),
    );
  }

  /** A request that came since then stays. */
  async requestDone(entity: string, requestedAt: string): Promise<void> {
    await this.#knex<EntityRow>(ENTITIES)
      .where({ entity, requested_at: requestedAt })
      .update({ requested_at: null });
  }

  async #put(entity: string, values: Partial<EntityRow>): Promise<void> {
    await this.#knex<EntityRow>(ENTITIES)
      .insert({ entity, ...values })
      .onConflict('entity')
      .merge(values);
  }
}

function toSuspension(row: EntityRow | undefined): Suspension | undefined {
  return row?.suspended_by && row.suspended_at
    ? {
        by: row.suspended_by,
        at: row.suspended_at,
        ...(row.suspended_reason && { reason: row.suspended_reason }),
      }
    : undefined;
}

function toRow(record: SyncRecord): StateRow {
  const { ref, source } = record;
  return {
    entity: record.entity,
    environment: record.environment,
    ...ref,
    mode: record.mode,
    state: record.state,
    message: record.message,
    code: record.code ?? null,
    remedy: record.remedy ?? null,
    source_url: source.url,
    source_revision: source.revision ?? null,
    source_overlay: source.overlay ?? null,
    drift: JSON.stringify(record.drift),
    pull_request_url: record.pullRequestUrl ?? null,
    managed_by: record.managedBy ?? null,
    deployed: record.deployed,
    desired_hash: record.desiredHash ?? null,
    proposed_hash: record.proposedHash ?? null,
    live_fingerprint: record.liveFingerprint ?? null,
    inspected: record.inspected ? JSON.stringify(record.inspected) : null,
    failures: record.failures,
    missing_reads: record.missingReads,
    last_run_at: record.lastRunAt ?? null,
    next_run_at: record.nextRunAt ?? null,
  };
}

function toRecord(row: StateRow): SyncRecord {
  return {
    entity: row.entity,
    environment: row.environment,
    ref: { cluster: row.cluster, namespace: row.namespace, name: row.name },
    mode: row.mode,
    state: row.state,
    message: row.message,
    code: row.code ?? undefined,
    remedy: row.remedy ?? undefined,
    source: {
      url: row.source_url,
      ...(row.source_revision && { revision: row.source_revision }),
      ...(row.source_overlay && { overlay: row.source_overlay }),
    },
    drift: JSON.parse(row.drift) as FieldChange[],
    pullRequestUrl: row.pull_request_url ?? undefined,
    managedBy: row.managed_by ?? undefined,
    // SQLite has no booleans.
    deployed: Boolean(row.deployed),
    desiredHash: row.desired_hash ?? undefined,
    proposedHash: row.proposed_hash ?? undefined,
    liveFingerprint: row.live_fingerprint ?? undefined,
    inspected: row.inspected
      ? (JSON.parse(row.inspected) as InspectedImage)
      : undefined,
    failures: row.failures,
    missingReads: row.missing_reads,
    lastRunAt: row.last_run_at ?? undefined,
    nextRunAt: row.next_run_at ?? undefined,
  };
}
