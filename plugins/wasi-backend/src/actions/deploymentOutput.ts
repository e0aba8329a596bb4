import type { Deployment } from '@wasi-functions/backstage-plugin-wasi-common';
import { moduleIdOf, type Zod } from './inputs';

/** What differs, by path. @internal */
export const changesOutput = (zod: Zod) =>
  zod
    .array(
      zod.object({
        path: zod.string(),
        kind: zod.string(),
        before: zod.string().optional(),
        after: zod.string().optional(),
        owner: zod.string().optional(),
      }),
    )
    .optional();

/** @internal */
export const deploymentOutput = (zod: Zod) => ({
  id: zod.string(),
  module: zod.string(),
  action: zod.string(),
  state: zod.string(),
  origin: zod.string(),
  actor: zod.string(),
  image: zod.string(),
  message: zod.string().optional(),
  code: zod.string().optional(),
  remedy: zod.string().optional(),
  rollbackOf: zod.string().optional(),
  generation: zod.number().optional(),
  startedAt: zod.string(),
  endedAt: zod.string().optional(),
});

/** @internal */
export function describeDeployment({ ref, ...deployment }: Deployment) {
  return { ...deployment, module: moduleIdOf(ref) };
}
