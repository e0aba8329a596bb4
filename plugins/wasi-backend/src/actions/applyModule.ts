import {
  wasiModuleCreatePermission,
  wasiModuleReadPermission,
  wasiModuleUpdatePermission,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ActionCall } from './ActionContext';
import { boundOutput } from './boundOutput';
import { changesOutput } from './deploymentOutput';
import {
  entityInput,
  keyInput,
  manifestInput,
  moduleInput,
  readManifest,
  readModuleRef,
} from './inputs';
import {
  describeState,
  findingsOutput,
  inOrder,
  stateOutput,
  truncatedOutput,
} from './moduleOutput';
import type { ActionServices, AddAction } from './types';

/** `apply-module`: makes it what the manifest says. @internal */
export const addApplyModule: AddAction = (registry, services) => {
  const { context, writes, cache } = services;
  registry.register({
    name: 'apply-module',
    title: 'Apply a WebAssembly module',
    description:
      'Makes a module of the entity what the manifest says: creates it, or replaces what is declared. It does not wait: ask module-status until `observedGeneration` is `generation` and the state is `ready`. Nothing is deployed where nothing would change, nor a second time for the same idempotency key. Call plan-module first to see what it would do.',
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: zod =>
        zod.object({
          entity: entityInput(zod),
          module: moduleInput(zod),
          manifest: manifestInput(zod),
          force: zod
            .boolean()
            .default(false)
            .describe('Take fields that another tool owns.'),
          idempotencyKey: keyInput(zod),
        }),
      output: zod =>
        zod.object({
          ...stateOutput(zod),
          action: zod.string().describe('create, update or none.'),
          generation: zod.number().optional(),
          changes: changesOutput(zod),
          findings: findingsOutput(zod),
          truncated: truncatedOutput(zod),
        }),
    },
    action: async ({ input, credentials }) => {
      const { entity, module, idempotencyKey, ...wanted } = input;
      const ref = readModuleRef(module);
      const { name: caller } = await context.caller(credentials);
      const write = {
        caller,
        action: 'apply-module',
        key: idempotencyKey,
        input: { entity, module, ...wanted },
      };
      const needed = cache.get(ref)
        ? wasiModuleUpdatePermission
        : wasiModuleCreatePermission;
      return context.write(
        {
          credentials,
          entity,
          // To hear again what was answered, it need not be done again.
          permission: (await writes.isDone(write))
            ? wasiModuleReadPermission
            : needed,
          eventId: 'module-apply',
          meta: { module, idempotencyKey },
        },
        async call => ({
          output: await writes.once(write, () =>
            apply(services, call, { ref, ...wanted }),
          ),
        }),
      );
    },
  });
};

async function apply(
  { clusters, reader, writer }: ActionServices,
  call: ActionCall,
  wanted: {
    ref: ModuleRef;
    manifest: Record<string, unknown>;
    force: boolean;
  },
) {
  const { ref, force } = wanted;
  const module = readManifest(wanted.manifest, ref);
  const change = writer.apply({ ...call, ref, module });
  const plan = await change.plan();
  const view =
    plan.action === 'none'
      ? await reader.view({
          ref,
          module: await clusters
            .client(ref.cluster, call.caller.cluster)
            .get(ref, { signal: call.signal }),
          observedAt: new Date().toISOString(),
        })
      : // Of what was planned for, and not of what somebody made of it since.
        await change.perform({ force, basis: plan.basis });
  return boundOutput({
    ...describeState(view),
    action: plan.action,
    generation: view.module.metadata.generation,
    changes: plan.changes,
    findings: inOrder(view.findings),
  });
}
