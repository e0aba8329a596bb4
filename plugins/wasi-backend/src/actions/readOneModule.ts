import {
  wasiModuleReadPermission,
  type ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ActionCall } from './ActionContext';
import { boundOutput } from './boundOutput';
import { chooseModule } from './chooseModule';
import { entityInput, moduleInput, type Zod } from './inputs';
import {
  describeRun,
  describeState,
  reported,
  reportedOutput,
  stateOutput,
  truncatedOutput,
  type Reported,
} from './moduleOutput';
import type { ActionServices, Credentials } from './types';

/** Names one module of an entity. @internal */
export const oneModuleInput = (zod: Zod) =>
  zod.object({
    entity: entityInput(zod),
    module: moduleInput(zod)
      .optional()
      .describe('May be left out where the entity has one module.'),
  });

/** What each answer about one module tells. @internal */
export const oneModuleOutput = (zod: Zod) => ({
  ...stateOutput(zod),
  image: zod.string(),
  url: zod.string().optional(),
  generation: zod.number().optional(),
  observedGeneration: zod.number().optional(),
  observedAt: zod.string(),
  reported: reportedOutput(zod),
  truncated: truncatedOutput(zod),
});

/**
 * Answers about one module: what is the same for all, and what `tell` adds.
 *
 * @internal
 */
export async function readOneModule<T extends object>(
  { context, modules, reader }: ActionServices,
  request: Credentials & { input: { entity: string; module?: string } },
  tell: (
    view: ModuleView,
    call: ActionCall,
  ) => Promise<{ tells: T; reports: Reported }>,
) {
  const { credentials, input } = request;
  return context.read(
    { credentials, entity: input.entity, permission: wasiModuleReadPermission },
    async call => {
      const view = await reader.view(
        await chooseModule(modules, call.entity, input.module),
      );
      const { tells, reports } = await tell(view, call);
      return {
        output: boundOutput({
          ...describeState(view),
          ...describeRun(view.module),
          observedAt: view.observedAt,
          ...tells,
          reported: reported(reports),
        }),
      };
    },
  );
}
