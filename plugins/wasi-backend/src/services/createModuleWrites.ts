import type {
  Clusters,
  ImageVerifier,
  ModuleCache,
  ModulePreflight,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { DeploymentLog } from '../history/types';
import { ModulePlanner } from './ModulePlanner';
import type { ModuleReader } from './ModuleReader';
import { ModuleRestorer } from './ModuleRestorer';
import { ModuleWriter } from './ModuleWriter';
import { WrittenModules } from './WrittenModules';

/** All that changes modules. @internal */
export interface ModuleWrites {
  writer: ModuleWriter;
  restorer: ModuleRestorer;
}

/** @internal */
export function createModuleWrites(options: {
  clusters: Clusters;
  cache: Pick<ModuleCache, 'observe'>;
  reader: Pick<ModuleReader, 'view'>;
  verifier: ImageVerifier;
  preflight: ModulePreflight;
  log: DeploymentLog;
}): ModuleWrites {
  const parts = {
    ...options,
    planner: new ModulePlanner(options),
    written: new WrittenModules(options),
  };
  return {
    writer: new ModuleWriter(parts),
    restorer: new ModuleRestorer(parts),
  };
}
