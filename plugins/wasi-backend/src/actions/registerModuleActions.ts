import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { ActionContext } from './ActionContext';
import { addDeleteModule } from './deleteModule';
import { addExplainModule } from './explainModule';
import { addGetModule } from './getModule';
import { addInvokeModule } from './invokeModule';
import { addListModules } from './listModules';
import { addModuleStatus } from './moduleStatus';
import { addApplyModule } from './applyModule';
import { addDiffDeployments } from './diffDeployments';
import { addListDeployments } from './listDeployments';
import { addPlanModule } from './planModule';
import { addRollbackDeployment } from './rollbackDeployment';
import { IdempotentWrites } from './IdempotentWrites';
import { ReadableModules } from './ReadableModules';
import type { ActionServices } from './types';

/** What {@link registerModuleActions} needs. @internal */
export type ModuleActionsOptions = ConstructorParameters<
  typeof ActionContext
>[0] &
  ConstructorParameters<typeof ReadableModules>[0] &
  ConstructorParameters<typeof IdempotentWrites>[0] &
  Omit<ActionServices, 'context' | 'readable' | 'writes'>;

/**
 * Adds the actions of the plugin, which MCP clients and templates call.
 *
 * @internal
 */
export function registerModuleActions(
  registry: ActionsRegistryService,
  options: ModuleActionsOptions,
): void {
  const services: ActionServices = {
    ...options,
    context: new ActionContext(options),
    readable: new ReadableModules(options),
    writes: new IdempotentWrites(options),
  };
  for (const add of [
    addListModules,
    addGetModule,
    addModuleStatus,
    addExplainModule,
    addPlanModule,
    addApplyModule,
    addListDeployments,
    addDiffDeployments,
    addRollbackDeployment,
    addDeleteModule,
    addInvokeModule,
  ]) {
    add(registry, services);
  }
}
