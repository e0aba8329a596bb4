import { z } from 'zod';

const name = z.string().min(1).max(253);

/** Query of `GET …/deployments`. @internal */
export const deploymentListQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(500).optional(),
  cluster: name.optional(),
  namespace: name.optional(),
  name: name.optional(),
});

/** Query of `GET …/deployments/:id/diff`. @internal */
export const deploymentDiffQuerySchema = z.object({
  /** Another deployment, or `live` for what the cluster has. */
  with: z.string().min(1).max(36).default('live'),
});
