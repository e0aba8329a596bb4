import { z } from 'zod';

const name = z.string().min(1).max(253);

// A part with a separator in it would be another entity once it is written as a ref.
const refPart = name.regex(
  /^[^\s:/\p{Cc}]+$/u,
  'has a character that no entity has',
);

/** The entity in an address. @internal */
export const entityParamsSchema = z.object({
  kind: refPart,
  namespace: refPart,
  name: refPart,
});

/** The module in an address. @internal */
export const moduleParamsSchema = entityParamsSchema.extend({
  cluster: name,
  moduleNamespace: name,
  moduleName: name,
});

/** Query of `GET …/modules`. @internal */
export const moduleListQuerySchema = z.object({ cluster: name.optional() });

/** Query of `GET …/logs`. @internal */
export const logsQuerySchema = z.object({
  tailLines: z.coerce.number().int().min(1).max(5000).default(100),
  follow: z.enum(['true', 'false']).default('false'),
});

/** Body of `POST …/modules`; the module is read by `parseWasmModule`. @internal */
export const createModuleSchema = z.strictObject({
  cluster: name.optional(),
  module: z.unknown(),
});

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform(value => value === 'true');

/** Query of whatever changes a module; a name that is not known could be a `dryRun`. @internal */
export const writeQuerySchema = z.strictObject({
  /** Answer with a plan and change nothing. */
  dryRun: flag,
  /** Also take fields from other field managers. */
  force: flag,
  /** `basis` of the plan that was agreed to. */
  basis: z.string().max(100).optional(),
});

/** Body of a write that has none. @internal */
export const emptySchema = z.strictObject({});

/** Body of `POST …/redeploy`. @internal */
export const redeploySchema = z.strictObject({
  /** What the new revision is told apart by; the moment by default. */
  at: z.iso.datetime().optional(),
});

const entries = z.record(z.string(), z.string().nullable());

/** Body of `PATCH …`: a JSON merge patch of what a user may change. @internal */
export const modulePatchSchema = z.strictObject({
  metadata: z
    .strictObject({
      labels: entries.optional(),
      annotations: entries.optional(),
      /** Makes the patch fail where somebody else was quicker. */
      resourceVersion: z.string().optional(),
    })
    .optional(),
  spec: z.record(z.string(), z.unknown()).optional(),
});

/** @internal */
export type ModulePatch = z.output<typeof modulePatchSchema>;

/** Body of `POST …/sync/suspend`. @internal */
export const suspendSchema = z.strictObject({
  reason: z.string().max(1000).optional(),
});
