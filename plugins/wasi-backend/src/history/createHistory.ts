import type {
  DatabaseService,
  LifecycleService,
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import {
  isWasiError,
  type ModuleHealth,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  Clusters,
  ModuleCache,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { openDatabase } from '../database/openDatabase';
import { ClusterChanges } from './ClusterChanges';
import { DeploymentFollower } from './DeploymentFollower';
import { DeploymentReader } from './DeploymentReader';
import { DeploymentRecorder } from './DeploymentRecorder';
import { DeploymentStore } from './DeploymentStore';
import { History } from './History';
import { HistoryCleanup } from './HistoryCleanup';
import { KnownModules } from './KnownModules';
import { readHistoryConfig } from './readHistoryConfig';
import { SecretVault } from './SecretVault';
import type { DeploymentLog } from './types';

const DATABASE_TIMEOUT_MS = 5_000;
const DEADLINE_MS = 30 * 60 * 1000;

/** What the rest of the plugin uses of the history. @internal */
export interface CreatedHistory {
  log: DeploymentLog;
  reader: DeploymentReader;
  /** To be called with what the cache has heard of. */
  changed(refs: readonly ModuleRef[]): void;
}

/**
 * The deploy history in the plugin's own database.
 *
 * @internal
 */
export async function createHistory(options: {
  config: Config;
  database: DatabaseService;
  scheduler: SchedulerService;
  lifecycle: LifecycleService;
  logger: LoggerService;
  clusters: Clusters;
  cache: Pick<ModuleCache, 'get' | 'find' | 'problems'>;
  health: (cached: CachedModule) => Promise<ModuleHealth>;
}): Promise<CreatedHistory> {
  const { cache, clusters, health, lifecycle, logger, scheduler } = options;
  const config = readHistoryConfig(options.config);
  const knex = await openDatabase(options.database);
  const store = new DeploymentStore(knex);
  const vault = new SecretVault(config.encryptionKeys);
  const now = () => new Date();
  const recorder = new DeploymentRecorder({
    store,
    vault,
    logger,
    now,
    timeoutMs: DATABASE_TIMEOUT_MS,
    onApplied: () => history.soon(),
  });
  const history: History = new History({
    recorder,
    follower: new DeploymentFollower({
      store,
      recorder,
      vault,
      cache,
      clusters,
      health,
      now,
      uptimeMs: () => performance.now(),
      deadlineMs: DEADLINE_MS,
    }),
    changes: new ClusterChanges({
      store,
      knownModules: new KnownModules(knex),
      vault,
      cache,
      clusters,
      now,
    }),
    logger,
  });
  const cleanup = new HistoryCleanup({ knex, config, now });
  await scheduler.scheduleTask({
    id: 'wasi-history-cleanup',
    frequency: { hours: 6 },
    initialDelay: { minutes: 5 },
    timeout: { minutes: 30 },
    scope: 'global',
    fn: async signal => {
      const removed = await cleanup.run(signal);
      logger.info(`Removed ${removed} old deployments from the history`);
    },
  });
  lifecycle.addStartupHook(() => history.start());
  lifecycle.addShutdownHook(() => history.stop());
  return {
    log: recorder,
    reader: new DeploymentReader({
      store,
      vault,
      live: ref => readLive(clusters, ref),
      timeoutMs: DATABASE_TIMEOUT_MS,
    }),
    changed: refs => history.changed(refs),
  };
}

async function readLive(
  clusters: Clusters,
  ref: ModuleRef,
): Promise<WasmModule | undefined> {
  try {
    return await clusters.client(ref.cluster).get(ref);
  } catch (error) {
    if (isWasiError(error) && error.code === 'MODULE_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}
