import {
  fieldChangeSchema,
  type Deployment,
  type DeploymentView,
  type PlanAnswer,
  type SyncTargetView,
  type SyncView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import {
  codeSchema,
  findingSchema,
  moduleRefSchema,
  moduleSchema,
} from './answerSchemas';

/** One row of the history; the history itself keeps what is good. */
export const deploymentSchema: z.ZodType<Deployment> = z.object({
  id: z.string(),
  entity: z.string(),
  ref: moduleRefSchema,
  action: z.enum(['create', 'update', 'redeploy', 'rollback', 'delete']),
  origin: z.enum(['template', 'catalog', 'portal', 'api', 'mcp', 'cluster']),
  actor: z.string(),
  state: z
    .enum(['running', 'succeeded', 'failed', 'superseded', 'unknown'])
    .catch('unknown'),
  message: z.string().optional(),
  code: codeSchema.optional(),
  remedy: z.string().optional(),
  image: z.string(),
  digest: z.string().optional(),
  size: z.number().optional(),
  generation: z.number().optional(),
  rollbackOf: z.string().optional(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
});

/** Outline of the history, whose rows are parsed one by one. */
export const deploymentListOutlineSchema = z.object({
  items: z.array(z.unknown()),
  next: z.string().optional(),
});

/** Answer of `GET …/deployments/:id`. */
export const deploymentViewSchema: z.ZodType<DeploymentView> = z.object({
  deployment: deploymentSchema,
  module: moduleSchema.optional(),
  changes: z.array(fieldChangeSchema),
});

/** Answer of `GET …/deployments/:id/diff`. */
export const diffAnswerSchema = z.object({
  changes: z.array(fieldChangeSchema),
});

/** Answer of a dry run. */
export const planAnswerSchema: z.ZodType<PlanAnswer> = z.object({
  ref: moduleRefSchema,
  action: z.enum(['create', 'update', 'none', 'delete']),
  module: moduleSchema.optional(),
  changes: z.array(fieldChangeSchema),
  conflicts: z.array(fieldChangeSchema),
  findings: z.array(findingSchema),
  basis: z.string(),
});

const syncTargetSchema: z.ZodType<SyncTargetView> = z.object({
  environment: z.string(),
  ref: moduleRefSchema,
  mode: z.enum(['apply', 'pull-request', 'observe']),
  state: z
    .enum(['in-step', 'progressing', 'drifted', 'failed', 'unknown'])
    .catch('unknown'),
  message: z.string(),
  code: codeSchema.optional(),
  remedy: z.string().optional(),
  source: z.object({
    url: z.string(),
    revision: z.string().optional(),
    overlay: z.string().optional(),
  }),
  drift: z.array(fieldChangeSchema),
  pullRequest: z.object({ url: z.string() }).optional(),
  managedBy: z.string().optional(),
  lastRunAt: z.string().optional(),
  nextRunAt: z.string().optional(),
});

/** Answer of the routes under `…/sync`. */
export const syncViewSchema: z.ZodType<SyncView> = z.object({
  enabled: z.boolean(),
  findings: z.array(findingSchema),
  targets: z.array(syncTargetSchema),
  suspended: z
    .object({
      by: z.string(),
      at: z.string(),
      reason: z.string().optional(),
    })
    .optional(),
});

/** One line of a log that is followed. */
export const logLineSchema = z.object({
  line: z.string(),
  at: z.string().optional(),
  source: z.enum(['module', 'runner']).optional().catch(undefined),
});
