import { wasiModuleReadPermission } from '@wasi-functions/backstage-plugin-wasi-common';
import { boundOutput } from './boundOutput';
import { deploymentOutput, describeDeployment } from './deploymentOutput';
import { entityInput, moduleInput, readModuleRef } from './inputs';
import { truncatedOutput } from './moduleOutput';
import type { AddAction } from './types';

/** `list-deployments`: what was changed, and how it ended. @internal */
export const addListDeployments: AddAction = (
  registry,
  { context, deployments },
) => {
  registry.register({
    name: 'list-deployments',
    title: 'List deployments of WebAssembly modules',
    description:
      'Lists the changes of the modules of an entity, newest first: who made them, from where, and how each ended. Their ids are for diff-deployments and rollback-deployment.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: zod =>
        zod.object({
          entity: entityInput(zod),
          module: moduleInput(zod).optional(),
          limit: zod.number().int().min(1).max(50).default(20),
          cursor: zod
            .string()
            .max(2_000)
            .optional()
            .describe('`next` of the page before.'),
        }),
      output: zod =>
        zod.object({
          deployments: zod.array(zod.object(deploymentOutput(zod))),
          next: zod.string().optional(),
          truncated: truncatedOutput(zod),
        }),
    },
    action: async ({ input, credentials }) => {
      const { entity, module, limit, cursor } = input;
      return context.read(
        { credentials, entity, permission: wasiModuleReadPermission },
        async call => {
          const { items, next } = await deployments.list(call.entity, {
            ref: module === undefined ? {} : readModuleRef(module),
            limit,
            cursor,
          });
          return {
            output: boundOutput({
              deployments: items.map(describeDeployment),
              next,
            }),
          };
        },
      );
    },
  });
};
