import { wasiModuleReadPermission } from '@wasi-functions/backstage-plugin-wasi-common';
import { boundOutput } from './boundOutput';
import { chooseModule } from './chooseModule';
import { entityInput, moduleInput } from './inputs';
import {
  describeRun,
  describeState,
  lastEvents,
  reported,
  reportedOutput,
  stateOutput,
  truncatedOutput,
} from './moduleOutput';
import type { AddAction } from './types';

const EVENTS = 10;

/** `module-status`: whether it runs, in short. @internal */
export const addModuleStatus: AddAction = (
  registry,
  { context, modules, reader },
) => {
  registry.register({
    name: 'module-status',
    title: 'Status of a WebAssembly module',
    description:
      'Tells whether a WasmModule runs: its state with the reason, its conditions and its last events. `generation` and `observedGeneration` differ while a change is on its way.',
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
          return {
            output: boundOutput({
              ...describeState(view),
              ...describeRun(view.module),
              observedAt: view.observedAt,
              reported: reported({
                conditions: [...(view.module.status?.conditions ?? [])],
                events: lastEvents(view.events, EVENTS),
              }),
            }),
          };
        },
      );
    },
  });
};
