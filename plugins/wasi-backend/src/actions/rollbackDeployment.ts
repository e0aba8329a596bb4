import {
  WasiError,
  wasiModuleUpdatePermission,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ActionCall } from './ActionContext';
import { boundOutput } from './boundOutput';
import { deploymentInput, entityInput, keyInput, moduleIdOf } from './inputs';
import {
  describeState,
  findingsOutput,
  inOrder,
  stateOutput,
  truncatedOutput,
} from './moduleOutput';
import type { ActionServices, AddAction } from './types';

/** `rollback-deployment`: exactly what an earlier one had deployed. @internal */
export const addRollbackDeployment: AddAction = (registry, services) => {
  const { context, writes } = services;
  registry.register({
    name: 'rollback-deployment',
    title: 'Roll a WebAssembly module back',
    description:
      'Deploys again exactly the spec and the digest of an earlier deployment, also of a module that was deleted since. Call diff-deployments with `live` first to see what that changes. It does not wait: ask module-status.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: zod =>
        zod.object({
          entity: entityInput(zod),
          deployment: deploymentInput(zod),
          force: zod
            .boolean()
            .default(false)
            .describe('Take fields that another tool owns.'),
          idempotencyKey: keyInput(zod),
        }),
      output: zod =>
        zod.object({
          ...stateOutput(zod),
          generation: zod.number().optional(),
          findings: findingsOutput(zod),
          truncated: truncatedOutput(zod),
        }),
    },
    action: async ({ input, credentials }) => {
      const { entity, deployment, force, idempotencyKey } = input;
      const { name: caller } = await context.caller(credentials);
      return context.write(
        {
          credentials,
          entity,
          permission: wasiModuleUpdatePermission,
          eventId: 'module-rollback',
          meta: { deployment, idempotencyKey },
        },
        async call => ({
          output: await writes.once(
            {
              caller,
              action: 'rollback-deployment',
              key: idempotencyKey,
              input: { entity, deployment, force },
            },
            () => rollBack(services, call, { id: deployment, force }),
          ),
        }),
      );
    },
  });
};

async function rollBack(
  { deployments, restorer }: ActionServices,
  call: ActionCall,
  { id, force }: { id: string; force: boolean },
) {
  const stored = await deployments.require(call.entity, id);
  const module = deployments.moduleOf(stored);
  if (!module) {
    throw new WasiError('DEPLOYMENT_NOT_RESTORABLE', {
      message: `Deployment ${id} deleted ${moduleIdOf(stored.ref)}.`,
    });
  }
  const view = await restorer
    .restore({ ...call, id, ref: stored.ref, module })
    .perform({ force });
  return boundOutput({
    ...describeState(view),
    generation: view.module.metadata.generation,
    findings: inOrder(view.findings),
  });
}
