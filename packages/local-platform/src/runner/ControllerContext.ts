import type { ModuleEngine } from '@wasi-functions/backstage-plugin-wasi-node';
import type { ObjectStore } from '../kubernetes';
import type { ArtifactCache } from './ArtifactCache';
import type { ModuleLogs } from './ModuleLogs';
import type { ModuleRecords } from './ModuleRecords';
import type { StartQueue } from './StartQueue';

/**
 * What all module controllers share.
 *
 * @internal
 */
export interface ControllerContext {
  store: ObjectStore;
  engine: ModuleEngine;
  artifacts: ArtifactCache;
  logs: ModuleLogs;
  records: ModuleRecords;
  starts: StartQueue;
  directory: string;
  insecureRegistries: readonly string[];
  limitOutgoingHttp: boolean;
  ports: { first: number; last: number };
  retryAfterMs: number;
  now: () => Date;
  onError: (error: unknown) => void;
}
