import {
  wasiModuleCreatePermission,
  wasiModuleUpdatePermission,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { boundOutput } from './boundOutput';
import { changesOutput } from './deploymentOutput';
import {
  entityInput,
  manifestInput,
  moduleInput,
  readManifest,
  readModuleRef,
} from './inputs';
import { findingsOutput, inOrder, truncatedOutput } from './moduleOutput';
import type { AddAction } from './types';

/** `plan-module`: what apply-module would do. @internal */
export const addPlanModule: AddAction = (
  registry,
  { context, cache, writer },
) => {
  registry.register({
    name: 'plan-module',
    title: 'Plan a change of a WebAssembly module',
    description:
      'Tells what apply-module would do with the same manifest, by a dry run in the cluster: which fields change, which of them another tool owns, what will not run. Nothing is changed.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: zod =>
        zod.object({
          entity: entityInput(zod),
          module: moduleInput(zod),
          manifest: manifestInput(zod),
        }),
      output: zod =>
        zod.object({
          module: zod.string(),
          action: zod.string().describe('create, update or none.'),
          changes: changesOutput(zod),
          conflicts: changesOutput(zod),
          findings: findingsOutput(zod),
          manifest: zod
            .record(zod.unknown())
            .optional()
            .describe('What the cluster would hold.'),
          truncated: truncatedOutput(zod),
        }),
    },
    action: async ({ input, credentials }) => {
      const { entity, module, manifest } = input;
      const ref = readModuleRef(module);
      return context.write(
        {
          credentials,
          entity,
          permission: cache.get(ref)
            ? wasiModuleUpdatePermission
            : wasiModuleCreatePermission,
          eventId: 'module-plan',
          meta: { module },
        },
        async call => {
          const plan = await writer
            .apply({ ...call, ref, module: readManifest(manifest, ref) })
            .plan();
          const { status, ...planned } = plan.module ?? {};
          return {
            output: boundOutput({
              module,
              action: plan.action,
              changes: plan.changes,
              conflicts: plan.conflicts,
              findings: inOrder(plan.findings),
              manifest: planned,
            }),
          };
        },
      );
    },
  });
};
