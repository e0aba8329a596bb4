import type { LoggerService } from '@backstage/backend-plugin-api';
import type { ModuleHealth } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  readExisting,
  type CachedModule,
  type Clusters,
  type ModuleCache,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { Knex } from 'knex';
import { ClusterChanges } from './ClusterChanges';
import { DeploymentFollower } from './DeploymentFollower';
import { DeploymentReader } from './DeploymentReader';
import { DeploymentRecorder } from './DeploymentRecorder';
import { DeploymentReports } from './DeploymentReports';
import { DeploymentStore } from './DeploymentStore';
import { History } from './History';
import { HistoryCleanup } from './HistoryCleanup';
import { KnownModules } from './KnownModules';
import type { HistoryConfig } from './readHistoryConfig';
import { SecretVault } from './SecretVault';
import type { ReportedLog } from './types';

/** The parts of the history. @internal */
export interface HistoryParts {
  history: History;
  recorder: DeploymentRecorder;
  reader: DeploymentReader;
  /** Takes reports into a log that looks at them first. */
  createReports(log: ReportedLog): DeploymentReports;
  cleanup: HistoryCleanup;
}

/**
 * Joins the parts of the history over a database and a cache.
 *
 * @internal
 */
export function wireHistory(options: {
  knex: Knex;
  config: HistoryConfig;
  clusters: Clusters;
  cache: Pick<ModuleCache, 'get' | 'find' | 'problems'>;
  health: (cached: CachedModule) => Promise<ModuleHealth>;
  logger: LoggerService;
  now: () => Date;
  /** Never goes back, other than the time of day. */
  uptimeMs: () => number;
  databaseTimeoutMs: number;
  /** After which an end that the cluster does not tell is not waited for. */
  deadlineMs: number;
}): HistoryParts {
  const { knex, config, clusters, now } = options;
  const timeoutMs = options.databaseTimeoutMs;
  const store = new DeploymentStore(knex);
  const vault = new SecretVault(config.encryptionKeys);
  const shared = { ...options, store, vault, timeoutMs };
  const recorder = new DeploymentRecorder(shared);
  const history = new History({
    ...shared,
    recorder,
    follower: new DeploymentFollower({ ...shared, recorder }),
    changes: new ClusterChanges({
      ...shared,
      knownModules: new KnownModules(knex),
    }),
  });
  recorder.whenApplied(() => history.soon());
  return {
    history,
    recorder,
    reader: new DeploymentReader({
      ...shared,
      live: (ref, caller) =>
        readExisting(clusters.client(ref.cluster, caller), ref),
    }),
    createReports: log => new DeploymentReports({ ...shared, log }),
    cleanup: new HistoryCleanup({ knex, config, now }),
  };
}
