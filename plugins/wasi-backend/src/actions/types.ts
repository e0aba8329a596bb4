import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { EntityModules } from '../services/EntityModules';
import type { ModuleInvoker } from '../services/ModuleInvoker';
import type { ModuleReader } from '../services/ModuleReader';
import type { ModuleWriter } from '../services/ModuleWriter';
import type { ActionContext } from './ActionContext';
import type { ReadableModules } from './ReadableModules';

/** What the actions call. @internal */
export interface ActionServices {
  context: ActionContext;
  readable: ReadableModules;
  permissions: PermissionsService;
  modules: EntityModules;
  reader: ModuleReader;
  writer: ModuleWriter;
  invoker: ModuleInvoker;
}

/** Adds one action. @internal */
export type AddAction = (
  registry: ActionsRegistryService,
  services: ActionServices,
) => void;

/** @internal */
export type Credentials = { credentials: BackstageCredentials };
