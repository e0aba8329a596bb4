import {
  parseImageReference,
  type DeploymentAction,
  type DeploymentOrigin,
  type DeploymentState,
  type WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { StoredDeployment } from './types';

// SQLite answers with milliseconds, PostgreSQL with a Date.
type StoredDate = Date | number | string;
// PostgreSQL answers with a string.
type StoredNumber = number | string;

/** A row of the table `deployments`. @internal */
export interface DeploymentRow {
  id: string;
  entity_ref: string;
  cluster: string;
  namespace: string;
  name: string;
  action: string;
  origin: string;
  actor: string;
  state: string;
  message: string | null;
  code: string | null;
  remedy: string | null;
  image: string;
  size: StoredNumber | null;
  uid: string | null;
  generation: StoredNumber | null;
  base_uid: string | null;
  base_generation: StoredNumber | null;
  manifest: string | null;
  secrets: string | null;
  rollback_of: string | null;
  once_key: string | null;
  backend: string | null;
  beat: number;
  started_at: StoredDate;
  applied_at: StoredDate | null;
  ended_at: StoredDate | null;
}

/** @internal */
export function toRow(deployment: StoredDeployment): DeploymentRow {
  const { ref, base } = deployment;
  return {
    id: deployment.id,
    entity_ref: deployment.entity,
    cluster: ref.cluster,
    namespace: ref.namespace,
    name: ref.name,
    action: deployment.action,
    origin: deployment.origin,
    actor: deployment.actor,
    state: deployment.state,
    message: deployment.message ?? null,
    code: deployment.code ?? null,
    remedy: deployment.remedy ?? null,
    image: deployment.image,
    size: deployment.size ?? null,
    uid: deployment.uid ?? null,
    generation: deployment.generation ?? null,
    base_uid: base?.uid ?? null,
    base_generation: base?.generation ?? null,
    manifest: deployment.manifest ?? null,
    secrets: deployment.secrets ?? null,
    rollback_of: deployment.rollbackOf ?? null,
    once_key: deployment.onceKey ?? null,
    backend: deployment.backend ?? null,
    beat: deployment.beat,
    started_at: new Date(deployment.startedAt),
    applied_at: deployment.appliedAt ? new Date(deployment.appliedAt) : null,
    ended_at: deployment.endedAt ? new Date(deployment.endedAt) : null,
  };
}

/** @internal */
export function fromRow(row: DeploymentRow): StoredDeployment {
  return {
    id: row.id,
    entity: row.entity_ref,
    ref: { cluster: row.cluster, namespace: row.namespace, name: row.name },
    action: row.action as DeploymentAction,
    origin: row.origin as DeploymentOrigin,
    actor: row.actor,
    state: row.state as DeploymentState,
    message: row.message ?? undefined,
    code: (row.code as WasiErrorCode | null) ?? undefined,
    remedy: row.remedy ?? undefined,
    image: row.image,
    digest: digestOf(row.image),
    size: number(row.size),
    uid: row.uid ?? undefined,
    generation: number(row.generation),
    base: row.base_uid
      ? { uid: row.base_uid, generation: number(row.base_generation) ?? 0 }
      : undefined,
    manifest: row.manifest ?? undefined,
    secrets: row.secrets ?? undefined,
    rollbackOf: row.rollback_of ?? undefined,
    onceKey: row.once_key ?? undefined,
    backend: row.backend ?? undefined,
    beat: row.beat,
    startedAt: time(row.started_at)!,
    appliedAt: time(row.applied_at),
    endedAt: time(row.ended_at),
  };
}

/** The digest that an image names. */
function digestOf(image: string): string | undefined {
  try {
    return parseImageReference(image).digest;
  } catch {
    // What others deploy may be no image at all; the history tells it as it is.
    return undefined;
  }
}

function number(value: StoredNumber | null): number | undefined {
  return value === null ? undefined : Number(value);
}

function time(value: StoredDate | null): string | undefined {
  return value === null ? undefined : new Date(value).toISOString();
}
