import { z } from 'zod';
import { catalogue, type Finding, type WasiErrorCode } from '../diagnosis';
import type { WasmModule } from '../wasmModule';
import type { ModuleRef } from './schemas';

/**
 * From where a module was changed; `cluster` stands for everybody else, such as
 * kubectl or Argo CD, whose change the watch saw.
 *
 * @public
 */
export type DeploymentOrigin =
  | 'template'
  | 'catalog'
  | 'portal'
  | 'api'
  | 'mcp'
  | 'cluster';

/** What a deployment did. @public */
export type DeploymentAction =
  | 'create'
  | 'update'
  | 'redeploy'
  | 'rollback'
  | 'delete';

/**
 * How a deployment ended: `superseded` by a later one before it was ready, or
 * `unknown` where the backend ended in between and the cluster does not tell.
 *
 * @public
 */
export type DeploymentState =
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'superseded'
  | 'unknown';

/**
 * One change of a module, as the history keeps it.
 *
 * @public
 */
export interface Deployment {
  id: string;
  /** Entity ref. */
  entity: string;
  ref: ModuleRef;
  action: DeploymentAction;
  origin: DeploymentOrigin;
  /** Entity ref of the user, the subject of a service, or the field manager that the cluster names. */
  actor: string;
  state: DeploymentState;
  /** Why it failed, in a sentence for a portal user. */
  message?: string;
  code?: WasiErrorCode;
  remedy?: string;
  image: string;
  /** Digest that the image names; absent where it is deployed by a tag. */
  digest?: string;
  /** Bytes of the module, where they are known. */
  size?: number;
  /** Generation that the cluster gave it. */
  generation?: number;
  /** The deployment that was rolled back to. */
  rollbackOf?: string;
  /** RFC 3339. */
  startedAt: string;
  /** RFC 3339. */
  endedAt?: string;
}

/**
 * Answer of `GET /v1/entities/:kind/:namespace/:name/deployments`, newest first.
 *
 * @public
 */
export interface DeploymentListAnswer {
  items: Deployment[];
  /** Cursor of the next page. */
  next?: string;
}

/**
 * Answer of `GET …/deployments/:id`.
 *
 * @public
 */
export interface DeploymentView {
  deployment: Deployment;
  /** What was applied, with secret-looking values masked; absent for a delete. */
  module?: WasmModule;
  /** Against the deployment of the same module before it. */
  changes: FieldChange[];
}

/**
 * One field that differs between two modules.
 *
 * @public
 */
export interface FieldChange {
  /** E.g. `spec.env[GREETING].value` or `metadata.labels["team"]`. */
  path: string;
  kind: 'added' | 'removed' | 'changed';
  /** As YAML in one line or several; secret-looking values are masked. */
  before?: string;
  after?: string;
  /** Field manager that owns the field in the cluster, where it is not the portal. */
  owner?: string;
  /** Field manager that would own it after a write that takes it, told with conflicts. */
  newOwner?: string;
}

/** Reads a {@link FieldChange}. @public */
export const fieldChangeSchema: z.ZodType<FieldChange> = z.object({
  path: z.string(),
  kind: z.enum(['added', 'removed', 'changed']),
  before: z.string().optional(),
  after: z.string().optional(),
  owner: z.string().optional(),
  newOwner: z.string().optional(),
});

/**
 * What a write would do: made by a dry run in the cluster, so this is what it would store.
 *
 * @public
 */
export interface PlanAnswer {
  ref: ModuleRef;
  action: 'create' | 'update' | 'none' | 'delete';
  /** What the cluster would hold; absent for a delete. */
  module?: WasmModule;
  changes: FieldChange[];
  /** Fields of others that the write would take; without `force` it is refused. */
  conflicts: FieldChange[];
  /** What will not run, and what to know. */
  findings: Finding[];
  /** Stands for what this was planned over; sent with the write, that is refused where it has changed since. */
  basis: string;
}

const deploymentId = z.string().min(1).max(36);

/**
 * Body of `POST …/deployments`: what an action of the scaffolder is about to do
 * (`begin`, `begin-delete`) and has done (`applied`, `deleted`, `failed`). Size
 * and key are its own word; the rest the cluster is asked for.
 *
 * @public
 */
export const deploymentReportSchema = z.discriminatedUnion('phase', [
  z.strictObject({
    phase: z.literal('begin'),
    /** The same for each try of one change. */
    key: z.string().min(1).max(500),
    cluster: z.string().min(1).max(253),
    /** The WasmModule that is applied. */
    module: z.unknown(),
    /** Bytes of the module. */
    size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  }),
  z.strictObject({
    phase: z.literal('begin-delete'),
    /** The same for each try of one change. */
    key: z.string().min(1).max(500),
    cluster: z.string().min(1).max(253),
    namespace: z.string().min(1).max(253),
    name: z.string().min(1).max(253),
  }),
  z.strictObject({
    phase: z.literal('deleted'),
    id: deploymentId,
  }),
  z.strictObject({
    phase: z.literal('applied'),
    id: deploymentId,
    generation: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  }),
  z.strictObject({
    phase: z.literal('failed'),
    id: deploymentId,
    code: z.enum(Object.keys(catalogue) as [WasiErrorCode, ...WasiErrorCode[]]),
    message: z.string().max(4000),
    remedy: z.string().max(1000),
  }),
]);

/** What a deploy or undeploy action reports. @public */
export type DeploymentReport = z.infer<typeof deploymentReportSchema>;

/** Answer of `POST …/deployments`. @public */
export interface DeploymentReportAnswer {
  id: string;
}

/** How catalog-driven deploys treat an environment. @public */
export type SyncMode = 'apply' | 'pull-request' | 'observe';

/**
 * Whether what runs is what the source says.
 *
 * @public
 */
export type SyncState =
  /** What runs is what the source says. */
  | 'in-step'
  /** A change of the source is on its way. */
  | 'progressing'
  /** They differ, and the mode, a suspension or another field manager says to leave it. */
  | 'drifted'
  /** The last run failed; it is tried again at `nextRunAt`. */
  | 'failed'
  /** No run has ended yet. */
  | 'unknown';

/**
 * Catalog-driven deploys of one entity: answer of `GET …/sync`.
 *
 * @public
 */
export interface SyncView {
  /** False where the entity does not ask for it. */
  enabled: boolean;
  /** Why it is not enabled though the entity asks for it, or what is wrong with what it asks for. */
  findings: Finding[];
  /** One per environment of the entity. */
  targets: SyncTargetView[];
  suspended?: { by: string; at: string; reason?: string };
}

/**
 * One environment of {@link SyncView}.
 *
 * @public
 */
export interface SyncTargetView {
  /** Name of the environment; `default` where the entity names none. */
  environment: string;
  ref: ModuleRef;
  mode: SyncMode;
  state: SyncState;
  message: string;
  code?: WasiErrorCode;
  remedy?: string;
  /** Where func.yaml was read, and the overlay of the environment. */
  source: { url: string; revision?: string; overlay?: string };
  /** Against what runs: `before` runs, `after` is what the source says. */
  drift: FieldChange[];
  /** Open request that proposes the change, mode `pull-request`. */
  pullRequest?: { url: string };
  /** Another tool that owns fields of the module, e.g. `argocd-controller`. */
  managedBy?: string;
  lastRunAt?: string;
  nextRunAt?: string;
}
