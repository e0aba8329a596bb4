import { wasiModuleReadPermission } from '@wasi-functions/backstage-plugin-wasi-common';
import { boundOutput } from './boundOutput';
import { changesOutput } from './deploymentOutput';
import { deploymentInput, entityInput } from './inputs';
import { truncatedOutput } from './moduleOutput';
import type { AddAction } from './types';

/** `diff-deployments`: between two, or one and what runs. @internal */
export const addDiffDeployments: AddAction = (
  registry,
  { context, deployments },
) => {
  registry.register({
    name: 'diff-deployments',
    title: 'Compare deployments of a WebAssembly module',
    description:
      'Tells which fields differ between a deployment (`before`) and another one or what the cluster has now (`after`). Values that look like secrets are masked.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: zod =>
        zod.object({
          entity: entityInput(zod),
          deployment: deploymentInput(zod),
          with: zod
            .string()
            .min(1)
            .max(64)
            .default('live')
            .describe('Id of another deployment, or `live`.'),
        }),
      output: zod =>
        zod.object({
          changes: changesOutput(zod),
          truncated: truncatedOutput(zod),
        }),
    },
    action: async ({ input, credentials }) => {
      const { entity, deployment, with: other } = input;
      return context.read(
        { credentials, entity, permission: wasiModuleReadPermission },
        async call => ({
          output: boundOutput({
            changes: await deployments.diff(call.entity, deployment, other),
          }),
        }),
      );
    },
  });
};
