import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type {
  Clusters,
  ModuleCache,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { DeploymentReader } from '../history/DeploymentReader';
import type { EntityModules } from '../services/EntityModules';
import type { ModuleInvoker } from '../services/ModuleInvoker';
import type { ModuleReader } from '../services/ModuleReader';
import type { ModuleRestorer } from '../services/ModuleRestorer';
import type { ModuleWriter } from '../services/ModuleWriter';
import type { ActionContext } from './ActionContext';
import type { IdempotentWrites } from './IdempotentWrites';
import type { ReadableModules } from './ReadableModules';

/** What the actions call. @internal */
export interface ActionServices {
  context: ActionContext;
  readable: ReadableModules;
  writes: IdempotentWrites;
  clusters: Clusters;
  cache: Pick<ModuleCache, 'get'>;
  permissions: PermissionsService;
  modules: EntityModules;
  reader: ModuleReader;
  writer: ModuleWriter;
  restorer: ModuleRestorer;
  deployments: DeploymentReader;
  invoker: ModuleInvoker;
}

/** Adds one action. @internal */
export type AddAction = (
  registry: ActionsRegistryService,
  services: ActionServices,
) => void;

/** @internal */
export type Credentials = { credentials: BackstageCredentials };
