import { wasiModuleReadPermission } from '@wasi-functions/backstage-plugin-wasi-common';
import { boundOutput } from './boundOutput';
import { chooseModule } from './chooseModule';
import { entityInput, moduleInput } from './inputs';
import {
  describeRun,
  describeState,
  findingsOutput,
  inOrder,
  reported,
  reportedOutput,
  stateOutput,
  truncatedOutput,
} from './moduleOutput';
import type { AddAction } from './types';

/** `get-module`: the resource itself. @internal */
export const addGetModule: AddAction = (
  registry,
  { context, modules, reader },
) => {
  registry.register({
    name: 'get-module',
    title: 'Get a WebAssembly module',
    description:
      'Returns one WasmModule of a catalog entity: what is declared (env values that look like secrets are masked), what runs, and what will not work. To change it, send the whole manifest to plan-module, then to apply-module.',
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: zod =>
        zod.object({
          entity: entityInput(zod),
          module: moduleInput(zod)
            .optional()
            .describe('May be left out where the entity has one module.'),
        }),
      output: zod =>
        zod.object({
          ...stateOutput(zod),
          image: zod.string(),
          url: zod.string().optional(),
          generation: zod.number().optional(),
          observedGeneration: zod.number().optional(),
          observedAt: zod.string(),
          manifest: zod.record(zod.unknown()).optional(),
          findings: findingsOutput(zod),
          reported: reportedOutput(zod),
          truncated: truncatedOutput(zod),
        }),
    },
    action: async ({ input, credentials }) => {
      const { entity, module } = input;
      return context.read(
        { credentials, entity, permission: wasiModuleReadPermission },
        async call => {
          const view = await reader.view(
            await chooseModule(modules, call.entity, module),
          );
          const { status, ...manifest } = view.module;
          return {
            output: boundOutput({
              ...describeState(view),
              ...describeRun(view.module),
              observedAt: view.observedAt,
              manifest,
              findings: inOrder(view.findings),
              reported: reported({
                conditions: [...(status?.conditions ?? [])],
                events: view.events,
              }),
            }),
          };
        },
      );
    },
  });
};
